using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>
/// Writes graphs of older operator sets in that which gradients are written in: what were attributes become inputs, and operators
/// that have changed their meaning are written by those of today.
/// </summary>
public static class OperatorSetLift
{
    // Since 7 binary operators are broadcast as today.
    private const int Oldest = 7;
    private const int AttributesBecameInputs = 13;

    /// <summary>The graph in operator set <see cref="GradientBuilder.Opset"/>; the graph itself where it is of set 13 or newer.</summary>
    /// <exception cref="DifferentiationException">It is for an operator set before 7, or an operator has no equivalent.</exception>
    public static Graph Apply(Graph graph)
    {
        if (graph.Opset >= AttributesBecameInputs)
        {
            return graph;
        }
        if (graph.Opset < Oldest)
        {
            throw new DifferentiationException(
                $"network '{graph.Name}' is for operator set {graph.Opset}; export it for {Oldest} or newer to train it");
        }
        List<Constant> constants = [.. graph.Constants.Values];
        Operator[] operators = [.. graph.Operators.SelectMany(op =>
            op.Domain.Length == 0 ? new LiftedOperator(op, graph, constants).Write() : [op])];
        return new Graph(
            graph.Name, new Dictionary<string, int>(graph.Opsets) { [""] = GradientBuilder.Opset }, graph.Inputs,
            [.. graph.Outputs.Select(o => o.Name)], operators, constants);
    }
}

/// <summary>One operator of an older set, written in today's.</summary>
/// <param name="op">The operator.</param>
/// <param name="graph">Its graph.</param>
/// <param name="constants">Where constants that it needs are added.</param>
internal sealed class LiftedOperator(Operator op, Graph graph, List<Constant> constants)
{
    private const int SliceInputs = 10;
    private const int LimitInputs = 11;

    /// <summary>Writes it.</summary>
    /// <exception cref="DifferentiationException">It has no equivalent.</exception>
    public IReadOnlyList<Operator> Write() => op.Type switch
    {
        "Dropout" => [Inference("Identity")],
        "BatchNormalization" => [Inference(op.Type)],
        "Softmax" or "LogSoftmax" => OverRows(),
        "Squeeze" or "Unsqueeze" or "ReduceSum" => [WithInputs(Integers("axes"))],
        "Split" => [WithInputs(Integers("split"))],
        "Slice" when graph.Opset < SliceInputs => [WithInputs(Integers("starts"), Integers("ends"), Integers("axes"))],
        "Pad" when graph.Opset < LimitInputs => [WithInputs(Integers("pads"), Number("value"))],
        "Clip" when graph.Opset < LimitInputs => [WithInputs(Number("min"), Number("max"))],
        "Upsample" => [Resize(op.HasInput(1) ? op.Inputs[1] : Numbers("scales"))],
        "Resize" when graph.Opset < LimitInputs => [Resize(op.Inputs[1])],
        _ => [op],
    };

    // As at inference: the further outputs are for training.
    private Operator Inference(string type)
    {
        if (op.Outputs.Skip(1).Any(o => o.Length > 0 && graph.Consumers(o).Count > 0) || op.GetInt("spatial", 1) == 0)
        {
            throw new DifferentiationException(
                op, $"its form in operator set {graph.Opset} has no equivalent today; export the network for 13 or newer");
        }
        return new Operator(
            op.Name, type, type == "Identity" ? [op.Inputs[0]] : op.Inputs, [op.Outputs[0]],
            type == "Identity" ? null : Without("spatial", "is_test", "consumed_inputs"), op.Domain);
    }

    // All axes from one on were one row.
    private IReadOnlyList<Operator> OverRows()
    {
        Shape shape = graph.Tensors[op.Inputs[0]].Shape;
        long given = op.GetInt("axis", 1);
        int axis = (int)(given < 0 ? given + shape.Rank : given);
        var last = new Dictionary<string, AttributeValue> { ["axis"] = Expressions.Int(-1) };
        if (axis == shape.Rank - 1)
        {
            return [op.With(attributes: last)];
        }
        string output = op.Outputs[0];
        return
        [
            new Operator(
                $"{output}~rows", "Reshape",
                [op.Inputs[0], Constant("rows shape", [shape.Product(0, axis), shape.Product(axis, shape.Rank)])], [$"{output}~rows"]),
            op.With(inputs: [$"{output}~rows"], outputs: [$"{output}~of rows"], attributes: last),
            new Operator($"{output}~images", "Reshape", [$"{output}~of rows", Constant("shape", [.. shape])], [output]),
        ];
    }

    private Operator Resize(string scales) => new(
        op.Name, "Resize", [op.Inputs[0], "", scales], op.Outputs,
        new Dictionary<string, AttributeValue>
        {
            ["mode"] = new AttributeValue.Text(op.GetText("mode", "nearest")),
            ["coordinate_transformation_mode"] = new AttributeValue.Text("asymmetric"),
            ["nearest_mode"] = new AttributeValue.Text("floor"),
        });

    private Operator WithInputs(params (string Attribute, string? Input)[] added)
    {
        List<string> inputs = [.. op.Inputs, .. added.Select(a => a.Input ?? "")];
        while (inputs[^1].Length == 0)
        {
            inputs.RemoveAt(inputs.Count - 1);
        }
        return op.With(inputs: inputs, attributes: Without([.. added.Select(a => a.Attribute)]));
    }

    private Dictionary<string, AttributeValue> Without(params string[] attributes) =>
        op.Attributes.Where(a => !attributes.Contains(a.Key)).ToDictionary();

    private (string, string?) Integers(string attribute) =>
        (attribute, op.GetInts(attribute) is { } values ? Constant(attribute, [.. values]) : null);

    private (string, string?) Number(string attribute) => (
        attribute, op.Attributes.ContainsKey(attribute) ? Floats(attribute, Shape.Scalar, [op.GetFloat(attribute, 0)]) : null);

    private string Numbers(string attribute) => op.Attributes.GetValueOrDefault(attribute) is AttributeValue.Floats floats
        ? Floats(attribute, new Shape(floats.Values.Count), [.. floats.Values])
        : throw new DifferentiationException(op, $"its attribute '{attribute}' is missing");

    private string Constant(string name, long[] values) =>
        Add(Graphs.Constant.Of<long>($"{op.Outputs[0]}~{name}", ElementType.Int64, new Shape(values.Length), values));

    private string Floats(string name, Shape shape, float[] values) =>
        Add(Graphs.Constant.Of<float>($"{op.Outputs[0]}~{name}", ElementType.Float32, shape, values));

    private string Add(Constant constant)
    {
        constants.Add(constant);
        return constant.Tensor.Name;
    }
}
