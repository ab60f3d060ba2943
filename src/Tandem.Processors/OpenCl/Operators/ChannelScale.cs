using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>An operator that multiplies each channel by a number and adds another: y = scale[c] * x + shift[c].</summary>
internal sealed record ChannelScale(float[] Scale, float[] Shift)
{
    /// <summary>Reads an operator as a scale of channels; null where it is none.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="input">The tensor that changes from run to run.</param>
    /// <param name="channelAxis">The axis that channels are counted along.</param>
    /// <param name="compiler">The compiler of the slice.</param>
    internal static ChannelScale? TryRead(Operator op, string input, int channelAxis, SliceCompiler compiler)
    {
        int channels = (int)compiler.ShapeOf(input)[channelAxis];
        return op.Type switch
        {
            "BatchNormalization" => BatchNormalization(op, input, channelAxis, compiler),
            "ImageScaler" => ImageScaler(op, channels),
            "Affine" => new ChannelScale(Fill(channels, op.GetFloat("alpha", 1)), Fill(channels, op.GetFloat("beta", 0))),
            "Mul" or "Div" or "Add" or "Sub" => Arithmetic(op, input, channelAxis, channels, compiler),
            _ => null,
        };
    }

    private static ChannelScale? BatchNormalization(Operator op, string input, int channelAxis, SliceCompiler compiler)
    {
        bool constant = op.Inputs.Skip(1).All(name => compiler.TryConstant(name) is not null);
        if (!constant || op.Inputs[0] != input || channelAxis != 1 || op.GetInt("training_mode", 0) != 0
            || op.GetInt("spatial", 1) == 0)
        {
            return null;
        }
        (double[] scale, double[] shift) = NormalizationAffine.Of(
            compiler.ConstantFloats(op, 1), compiler.ConstantFloats(op, 2), compiler.ConstantFloats(op, 3), compiler.ConstantFloats(op, 4),
            op.GetFloat("epsilon", 1e-5f));
        return new ChannelScale(Array.ConvertAll(scale, number => (float)number), Array.ConvertAll(shift, number => (float)number));
    }

    private static ChannelScale ImageScaler(Operator op, int channels)
    {
        IReadOnlyList<float>? bias = (op.Attributes.GetValueOrDefault("bias") as AttributeValue.Floats)?.Values;
        return new ChannelScale(Fill(channels, op.GetFloat("scale", 1)), bias is null ? new float[channels] : [.. bias]);
    }

    private static ChannelScale? Arithmetic(Operator op, string input, int channelAxis, int channels, SliceCompiler compiler)
    {
        int place = op.Inputs[0] == input ? 0 : 1;
        string other = op.Inputs[1 - place];
        bool reversed = place == 1 && (op.Type is "Div" or "Sub");
        if (op.Domain != "" || reversed || op.Attributes.ContainsKey("axis")
            || compiler.TryConstant(other) is not { } constant
            || constant.Tensor.Type != ElementType.Float32
            || PerChannel(constant, compiler.ShapeOf(input), channelAxis) is not { } values)
        {
            return null;
        }
        return op.Type switch
        {
            "Mul" => new ChannelScale(values, new float[channels]),
            "Div" => new ChannelScale([.. values.Select(v => 1 / v)], new float[channels]),
            "Add" => new ChannelScale(Fill(channels, 1), values),
            _ => new ChannelScale(Fill(channels, 1), [.. values.Select(v => -v)]),
        };
    }

    /// <summary>A constant as one number per channel; null where broadcasting makes it anything else.</summary>
    private static float[]? PerChannel(Constant constant, Shape shape, int channelAxis)
    {
        Shape own = constant.Tensor.Shape;
        ReadOnlySpan<float> values = constant.AsSpan<float>();
        if (own.Rank > shape.Rank)
        {
            return null;
        }
        if (values.Length == 1)
        {
            return Fill((int)shape[channelAxis], values[0]);
        }
        int axis = channelAxis - (shape.Rank - own.Rank);
        return axis >= 0 && own[axis] == shape[channelAxis] && own.ElementCount == own[axis] ? values.ToArray() : null;
    }

    private static float[] Fill(int count, float value)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
