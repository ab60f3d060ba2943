using Tandem.Graphs.Inference.Evaluation;

namespace Tandem.Graphs.Inference;

/// <summary>Replaces what does not depend on the network's inputs by constants.</summary>
public static class ConstantFolding
{
    /// <summary>
    /// The graph without operators whose outputs are known beforehand (such as Constant, ConstantOfShape, Shape, and arithmetic
    /// on constants) and without those that do nothing (Identity, and Dropout, which only acts in training). Constants that
    /// nothing reads any more go too. Names of inputs and outputs stay.
    /// </summary>
    /// <exception cref="InvalidModelException">A constant would be larger than two gigabytes.</exception>
    public static Graph Fold(Graph graph)
    {
        var folded = new Dictionary<string, Constant>(graph.Constants);
        var replacements = new Dictionary<string, string>();
        HashSet<string> outputs = [.. graph.Outputs.Select(o => o.Name)];
        List<Operator> kept = [];
        foreach (Operator original in graph.Operators)
        {
            Operator op = original.With(inputs: [.. original.Inputs.Select(i => replacements.GetValueOrDefault(i, i))]);
            if (!op.Outputs.Any(outputs.Contains) && Evaluate(op, graph, folded) is IReadOnlyList<Constant> values)
            {
                foreach (Constant value in values.Where(v => v.Tensor.Name.Length > 0))
                {
                    folded[value.Tensor.Name] = value;
                }
            }
            else if (DoesNothing(op, graph, folded) && !outputs.Contains(op.Outputs[0]))
            {
                replacements[op.Outputs[0]] = op.Inputs[0];
            }
            else
            {
                kept.Add(op);
            }
        }
        kept = RenameLast(kept, graph, outputs, folded);
        HashSet<string> read = [.. kept.SelectMany(o => o.Inputs), .. outputs];
        return new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], kept,
            folded.Values.Where(c => read.Contains(c.Tensor.Name)));
    }

    private static IReadOnlyList<Constant>? Evaluate(Operator op, Graph graph, Dictionary<string, Constant> values) =>
        ConstantEvaluator.TryEvaluate(
            new OperatorContext(op, graph.Opset, graph.Tensors, values),
            [.. op.Outputs.Select(o => graph.Tensors.GetValueOrDefault(o) ?? new Tensor("", ElementType.UInt8, new Shape(0)))]);

    private static bool DoesNothing(Operator op, Graph graph, Dictionary<string, Constant> values) =>
        op.Domain.Length == 0 && op.Type switch
        {
            "Identity" => true,
            "Dropout" => !op.Outputs.Skip(1).Any(mask => IsRead(mask, graph)) && !MayTrain(op, values),
            _ => false,
        };

    private static bool IsRead(string tensor, Graph graph) =>
        graph.Consumers(tensor).Count > 0 || graph.Outputs.Any(o => o.Name == tensor);

    // Since opset 12 an input says whether the network is in training.
    private static bool MayTrain(Operator op, Dictionary<string, Constant> values) =>
        op.HasInput(2) && (!values.TryGetValue(op.Inputs[2], out Constant? training) || training.Data.Span.ContainsAnyExcept((byte)0));

    // One that makes an output of the network goes too, where the operator before it can make the output instead.
    private static List<Operator> RenameLast(
        List<Operator> operators, Graph graph, HashSet<string> outputs, Dictionary<string, Constant> values)
    {
        var renamed = new Dictionary<string, string>();
        HashSet<string> made = [.. operators.SelectMany(o => o.Outputs)];
        foreach (Operator op in operators.Where(o => DoesNothing(o, graph, values) && outputs.Contains(o.Outputs[0])))
        {
            if (made.Contains(op.Inputs[0]) && !outputs.Contains(op.Inputs[0]))
            {
                renamed.TryAdd(op.Inputs[0], op.Outputs[0]);
            }
        }
        return [.. operators
            .Where(o => !(DoesNothing(o, graph, values) && renamed.GetValueOrDefault(o.Inputs[0]) == o.Outputs[0]))
            .Select(o => o.With(
                inputs: [.. o.Inputs.Select(i => renamed.GetValueOrDefault(i, i))],
                outputs: [.. o.Outputs.Select(i => renamed.GetValueOrDefault(i, i))]))];
    }
}
