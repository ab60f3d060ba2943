using Tandem.Graphs.Onnx;

namespace Tandem.Graphs.Inference;

/// <summary>What a rule or an evaluator knows about the operator in hand: its inputs' shapes and, where known, contents.</summary>
internal sealed class OperatorContext(
    Operator op,
    int opset,
    IReadOnlyDictionary<string, Tensor> tensors,
    IReadOnlyDictionary<string, Constant> values)
{
    /// <summary>The operator.</summary>
    public Operator Operator => op;

    /// <summary>Version of the ONNX standard operator set.</summary>
    public int Opset => opset;

    /// <summary>Whether an optional input is given.</summary>
    public bool HasInput(int index) => op.HasInput(index);

    /// <summary>The input at this place.</summary>
    /// <exception cref="InvalidModelException">It is not given.</exception>
    public Tensor Input(int index) => op.HasInput(index)
        ? tensors[op.Inputs[index]]
        : throw Error($"input {index} is missing");

    /// <summary>The shape of the input at this place.</summary>
    public Shape Shape(int index) => Input(index).Shape;

    /// <summary>The shape of the input at this place, which must have the given number of dimensions at least.</summary>
    /// <exception cref="InvalidModelException">It has fewer.</exception>
    public Shape Shape(int index, int minimumRank) => Shape(index).Rank >= minimumRank
        ? Shape(index)
        : throw Error($"input {index} ({Input(index)}) must have {minimumRank} dimensions or more");

    /// <summary>The element type of the input at this place.</summary>
    public ElementType Type(int index) => Input(index).Type;

    /// <summary>The contents of an input; null where they depend on what the network is fed.</summary>
    public Constant? Value(int index) => op.HasInput(index) ? values.GetValueOrDefault(op.Inputs[index]) : null;

    /// <summary>The contents of an integer input; null where it is left out.</summary>
    /// <exception cref="InvalidModelException">They depend on what the network is fed, or are no integers.</exception>
    public IReadOnlyList<long>? Integers(int index)
    {
        if (!op.HasInput(index))
        {
            return null;
        }
        Constant value = Value(index) ?? throw Dynamic(index);
        return value.Tensor.Type switch
        {
            ElementType.Int64 => value.AsSpan<long>().ToArray(),
            ElementType.Int32 => [.. value.AsSpan<int>().ToArray().Select(v => (long)v)],
            _ => throw Error($"input {index} ({value.Tensor}) must be integers"),
        };
    }

    /// <summary>The contents of a floating-point input; null where it is left out or has no elements.</summary>
    /// <exception cref="InvalidModelException">They depend on what the network is fed, or are no floats.</exception>
    public IReadOnlyList<float>? Floats(int index)
    {
        if (!op.HasInput(index) || Shape(index).ElementCount == 0)
        {
            return null;
        }
        Constant value = Value(index) ?? throw Dynamic(index);
        return value.Tensor.Type switch
        {
            ElementType.Float32 => value.AsSpan<float>().ToArray(),
            ElementType.Float16 => [.. value.AsSpan<Half>().ToArray().Select(v => (float)v)],
            _ => throw Error($"input {index} ({value.Tensor}) must be floats"),
        };
    }

    /// <summary>Integers that older operator sets have as an attribute and newer ones as an input; null where left out.</summary>
    public IReadOnlyList<long>? AttributeOrInput(string attribute, int input) =>
        op.GetInts(attribute) ?? Integers(input);

    /// <summary>An integer list attribute.</summary>
    /// <exception cref="InvalidModelException">It is not set.</exception>
    public IReadOnlyList<long> RequiredInts(string attribute) =>
        op.GetInts(attribute) ?? throw Error($"attribute '{attribute}' is missing");

    /// <summary>An axis counted from the front; negative ones count from the back.</summary>
    /// <exception cref="InvalidModelException">There is no such axis.</exception>
    public int Axis(long axis, int rank)
    {
        long fromFront = axis < 0 ? axis + rank : axis;
        return fromFront >= 0 && fromFront < rank
            ? (int)fromFront
            : throw Error($"axis {axis} does not exist in a tensor of {rank} dimensions");
    }

    /// <summary>An output's type and shape.</summary>
    /// <exception cref="InvalidModelException">A dimension is negative, or the tensor is too large for any memory.</exception>
    public TensorType Output(ElementType type, params ReadOnlySpan<long> dimensions)
    {
        long count = 1;
        foreach (long dimension in dimensions)
        {
            if (dimension < 0 || (dimension > 0 && count > TensorReader.MaximumElements / dimension))
            {
                throw Error($"its inputs and attributes do not fit: the output's shape would be [{Join(dimensions)}]");
            }
            count = dimension == 0 ? count : count * dimension;
        }
        return new TensorType(type, new Shape(dimensions));
    }

    /// <summary>An output that is like an input.</summary>
    public TensorType Like(int index) => new(Type(index), Shape(index));

    /// <summary>Refuses inputs of different element types.</summary>
    /// <exception cref="InvalidModelException">They differ.</exception>
    public void RequireSameType(int first, int second)
    {
        if (Type(first) != Type(second))
        {
            throw Error($"inputs {Input(first)} and {Input(second)} differ in element type");
        }
    }

    /// <summary>A failure that names the operator.</summary>
    public InvalidModelException Error(string problem) => new(op, problem);

    private InvalidModelException Dynamic(int index) =>
        Error($"input {index} ({Input(index).Name}) depends on what the network is fed, so that shapes are not static; " +
            "export the model with static shapes");

    private static string Join(ReadOnlySpan<long> dimensions) => string.Join(',', dimensions.ToArray());
}
