using Tandem.Graphs.Inference;

namespace Tandem.Graphs.Opsets;

/// <summary>
/// Rewrites networks of old operator sets, 7 to 12, for version 13: attributes that became inputs since, and what Softmax goes over.
/// </summary>
public static class OpsetLift
{
    /// <summary>The version that networks are rewritten for.</summary>
    public const int Opset = 13;

    private const int Oldest = 7;

    // What means in version 13 what it meant in version 7.
    private static readonly HashSet<string> Unchanged =
    [
        "Abs", "Add", "AveragePool", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "DepthToSpace", "Div",
        "Elu", "Equal", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "Greater", "HardSigmoid",
        "Identity", "InstanceNormalization", "LRN", "LeakyRelu", "Less", "Log", "MatMul", "Max", "MaxPool", "Mean", "Min", "Mul", "Neg", "PRelu",
        "Pow", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "Relu", "Reshape", "Selu", "Shape", "Sigmoid", "Sin", "Softplus",
        "SpaceToDepth", "Sqrt", "Sub", "Sum", "Tanh", "ThresholdedRelu", "Tile", "Transpose", "Where",
    ];

    private static readonly Dictionary<string, Func<Operator, Rewriting, Operator>> Changed = new()
    {
        ["BatchNormalization"] = Normalization,
        ["Clip"] = (op, to) => to.WithInputs(op, "min", "max"),
        ["Dropout"] = (op, to) => to.WithInputs(op, "ratio"),
        ["LogSoftmax"] = Softmax,
        ["Pad"] = (op, to) => to.WithInputs(op, "pads", "value"),
        ["ReduceSum"] = (op, to) => to.WithInputs(op, "axes"),
        ["Slice"] = (op, to) => to.WithInputs(op, "starts", "ends", "axes"),
        ["Softmax"] = Softmax,
        ["Split"] = (op, to) => to.WithInputs(op, "split"),
        ["Squeeze"] = (op, to) => to.WithInputs(op, "axes"),
        ["Unsqueeze"] = (op, to) => to.WithInputs(op, "axes"),
    };

    /// <summary>
    /// The network with the same inputs, outputs and metadata, for version 13; one of that version or newer as it is. Constants are
    /// folded.
    /// </summary>
    /// <exception cref="InvalidModelException">An operator cannot be rewritten, or the network is older than version 7.</exception>
    public static Graph Lift(Graph network)
    {
        if (network.Opset >= Opset)
        {
            return network;
        }
        if (network.Opset < Oldest)
        {
            throw new InvalidModelException(
                $"network '{network.Name}' is for operator set {network.Opset}; export it for {Opset} or newer");
        }
        Graph folded = ConstantFolding.Fold(network);
        var to = new Rewriting(folded);
        Operator[] operators = [.. folded.Operators.Select(op => Lift(op, to))];
        return new Graph(
            folded.Name, new Dictionary<string, int>(folded.Opsets) { [""] = Opset }, folded.Inputs, [.. folded.Outputs.Select(o => o.Name)],
            operators, [.. folded.Constants.Values, .. to.Constants])
        {
            Metadata = network.Metadata,
        };
    }

    private static Operator Lift(Operator op, Rewriting to) => op.Domain.Length > 0 || Unchanged.Contains(op.Type)
        ? op
        : Changed.TryGetValue(op.Type, out Func<Operator, Rewriting, Operator>? rewrite)
            ? rewrite(op, to)
            : throw Refusal(op, to.Graph);

    // Statistics of each position, not of each channel, were an option once.
    private static Operator Normalization(Operator op, Rewriting to) => op.GetInt("spatial", 1) == 1
        ? op.With(attributes: op.Attributes.Where(a => a.Key != "spatial").ToDictionary())
        : throw Refusal(op, to.Graph);

    // It used to go over all axes from the given one on together; now it goes over one.
    private static Operator Softmax(Operator op, Rewriting to)
    {
        Shape shape = to.Graph.Tensors[op.Inputs[0]].Shape;
        long axis = op.GetInt("axis", 1);
        axis = axis < 0 ? axis + shape.Rank : axis;
        int[] extended = [.. Enumerable.Range((int)axis, shape.Rank - (int)axis).Where(i => shape[i] != 1)];
        return extended.Length <= 1
            ? op.With(attributes: new Dictionary<string, AttributeValue>(op.Attributes)
            {
                ["axis"] = new AttributeValue.Int(extended is [int one] ? one : axis),
            })
            : throw Refusal(op, to.Graph);
    }

    private static InvalidModelException Refusal(Operator op, Graph graph) => new(
        op, $"Tandem cannot rewrite it from operator set {graph.Opset} for {Opset}; export the network for {Opset} or newer");
}
