using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>Add: of images of one shape, and of images times numbers per channel.</summary>
internal sealed class SumRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Add"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        foreach ((string a, string b) in new[] { (op.Inputs[0], op.Inputs[1]), (op.Inputs[1], op.Inputs[0]) })
        {
            if (PerChannel.Factors(writer, a) is not (string x, string factors) || !writer.IsBlocked(x))
            {
                continue;
            }
            if (PerChannel.Is(writer, b, op.Outputs[0]))
            {
                writer.Set(op.Outputs[0], ChannelPasses.Affine(writer, writer.Blocked(x), writer.Plain(factors), writer.Plain(b)));
                return true;
            }
            if (writer.IsBlocked(b))
            {
                writer.Set(op.Outputs[0], ChannelPasses.Affine(
                    writer, writer.Blocked(x), writer.Plain(factors), null, writer.Blocked(b)));
                return true;
            }
        }
        return Elementwise.TryWrite(op, writer);
    }
}

/// <summary>Mul: of images of one shape, and of images with numbers per channel.</summary>
internal sealed class ProductRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Mul"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (PerChannel.Factors(writer, op.Outputs[0]) is (string x, string factors) && writer.IsBlocked(x))
        {
            writer.Set(op.Outputs[0], ChannelPasses.Affine(writer, writer.Blocked(x), writer.Plain(factors), null));
            return true;
        }
        return Elementwise.TryWrite(op, writer);
    }
}

/// <summary>Relu.</summary>
internal sealed class ReluRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Relu"];

    public bool TryWrite(Operator op, BlockedWriter writer) => Elementwise.TryWrite(op, writer);
}

/// <summary>Where that keeps a gradient where an image is positive: the product with a mask.</summary>
internal sealed class MaskRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Where"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (!writer.CanBlock(op.Outputs[0]) || !IsZero(writer, op.Inputs[2])
            || writer.Graph.Producer(op.Inputs[0]) is not { Type: "Greater" } condition || !IsZero(writer, condition.Inputs[1])
            || !writer.IsBlocked(condition.Inputs[0]) || !writer.IsWritten(op.Inputs[1])
            || !writer.Graph.Tensors[op.Inputs[1]].Shape.Equals(writer.Graph.Tensors[op.Outputs[0]].Shape))
        {
            return false;
        }
        Tensor mask = ChannelPasses.Positive(writer, writer.Blocked(condition.Inputs[0]));
        writer.Set(op.Outputs[0], writer.Draft.Mul(writer.Blocked(op.Inputs[1]), mask));
        return true;
    }

    private static bool IsZero(BlockedWriter writer, string name) =>
        writer.Graph.Constants.TryGetValue(name, out Constant? constant) && constant.Tensor.Shape.ElementCount == 1
        && constant.Tensor.Type == ElementType.Float32 && constant.AsSpan<float>()[0] == 0;
}

/// <summary>Operators to which the order of elements does not matter.</summary>
internal static class Elementwise
{
    /// <summary>Writes an operator on the blocked layout where all it reads are images of one shape, some blocked already, or single numbers.</summary>
    public static bool TryWrite(Operator op, BlockedWriter writer)
    {
        Shape shape = writer.Graph.Tensors[op.Outputs[0]].Shape;
        if (!writer.CanBlock(op.Outputs[0]) || !op.Inputs.Any(writer.IsBlocked)
            || op.Inputs.Any(i => !IsNumber(writer, i) && (!writer.Graph.Tensors[i].Shape.Equals(shape) || !writer.CanBlock(i))))
        {
            return false;
        }
        writer.Set(op.Outputs[0], writer.Draft.Add(
            op.Type, [.. op.Inputs.Select(i => IsNumber(writer, i) ? writer.Plain(i) : writer.Blocked(i))],
            [.. op.Attributes.Select(a => (a.Key, a.Value))]));
        return true;
    }

    private static bool IsNumber(BlockedWriter writer, string name) => writer.Graph.Tensors[name].Shape.ElementCount == 1;
}

/// <summary>Numbers of which there is one per channel: 1, C, 1, 1.</summary>
internal static class PerChannel
{
    /// <summary>Whether a tensor has one number for each channel of an image.</summary>
    public static bool Is(BlockedWriter writer, string name, string image)
    {
        Shape shape = writer.Graph.Tensors[name].Shape;
        return shape.Rank == 4 && shape[1] == shape.ElementCount && writer.CanBlock(image)
            && shape[1] == writer.Graph.Tensors[image].Shape[1] && writer.Graph.Tensors[image].Shape.ElementCount > shape[1];
    }

    /// <summary>The image and the numbers of which a tensor is the product; null where it is none.</summary>
    public static (string Image, string Factors)? Factors(BlockedWriter writer, string tensor)
    {
        if (writer.Graph.Producer(tensor) is not { Type: "Mul" } op || !writer.CanBlock(tensor))
        {
            return null;
        }
        return Is(writer, op.Inputs[1], tensor) && !Is(writer, op.Inputs[0], tensor) ? (op.Inputs[0], op.Inputs[1])
            : Is(writer, op.Inputs[0], tensor) && !Is(writer, op.Inputs[1], tensor) ? (op.Inputs[1], op.Inputs[0])
            : null;
    }
}
