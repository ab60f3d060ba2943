using Tandem.Graphs.Inference.Evaluation;

namespace Tandem.Graphs.Inference;

/// <summary>Finds the element type and static shape of every tensor of a graph.</summary>
public static class ShapeInference
{
    /// <summary>
    /// Contents are followed through tensors up to this many elements: enough for shapes and what they are computed from,
    /// and nothing beside the weights.
    /// </summary>
    private const int LargestFollowedTensor = 4096;

    /// <summary>Every tensor by name.</summary>
    /// <exception cref="InvalidModelException">An operator is unknown or its inputs do not fit it.</exception>
    public static IReadOnlyDictionary<string, Tensor> Infer(Graph graph)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (Tensor tensor in graph.Inputs.Concat(graph.Constants.Values.Select(c => c.Tensor)))
        {
            if (!tensors.TryAdd(tensor.Name, tensor))
            {
                throw new InvalidModelException($"two inputs or constants of the model are named '{tensor.Name}'");
            }
            if (graph.Producer(tensor.Name) is Operator producer)
            {
                throw new InvalidModelException(producer, $"its output '{tensor.Name}' is an input or a constant of the model too");
            }
        }
        var values = new Dictionary<string, Constant>(graph.Constants);
        foreach (Operator op in graph.Operators)
        {
            var context = new OperatorContext(op, graph.Opset, tensors, values);
            IReadOnlyList<Tensor> outputs = InferOperator(context);
            foreach (Tensor output in outputs.Where(o => o.Name.Length > 0))
            {
                tensors[output.Name] = output;
            }
            if (outputs.Sum(o => o.Shape.ElementCount) <= LargestFollowedTensor
                && ConstantEvaluator.TryEvaluate(context, outputs) is IReadOnlyList<Constant> known)
            {
                foreach (Constant value in known.Where(v => v.Tensor.Name.Length > 0))
                {
                    values[value.Tensor.Name] = value;
                }
            }
        }
        return tensors;
    }

    /// <summary>The outputs of one operator, in order; those that it leaves out have an empty name.</summary>
    internal static IReadOnlyList<Tensor> InferOperator(OperatorContext context)
    {
        Operator op = context.Operator;
        IOperatorRule rule = OperatorRules.Find(op.Domain, op.Type)
            ?? throw new InvalidModelException(
                op, $"Tandem does not know operator type '{op.Type}' of domain '{(op.Domain.Length == 0 ? "ai.onnx" : op.Domain)}'; " +
                "export the model without it");
        if (op.Outputs.Count == 0 || op.Outputs[0].Length == 0)
        {
            throw context.Error("its first output has no name");
        }
        IReadOnlyList<TensorType> types;
        try
        {
            types = rule.Infer(context);
        }
        catch (OverflowException e)
        {
            throw new InvalidModelException(op, "its attributes are too large for any tensor", e);
        }
        int count = op.Outputs.Count;
        while (op.Outputs[count - 1].Length == 0)
        {
            count--;
        }
        return count <= types.Count
            ? [.. op.Outputs.Take(count).Select((name, i) => new Tensor(name, types[i].Type, types[i].Shape))]
            : throw context.Error($"it has {count} outputs; {op.Type} has at most {types.Count}");
    }
}
