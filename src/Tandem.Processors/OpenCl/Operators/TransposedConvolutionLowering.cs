using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>ConvTranspose, with what follows it.</summary>
internal sealed class TransposedConvolutionLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["ConvTranspose"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        if (x.Shape.Rank is not (3 or 4))
        {
            throw compiler.Refuse(op, "a transposed convolution is supported over one or two axes only");
        }
        FusedTail tail = compiler.Tail.Take(op, 1, TailKinds.Scale);
        TensorNode y = compiler.Node(tail.Output);
        int channels = (int)y.Shape[1], groups = (int)op.GetInt("group", 1);
        Shape weightShape = compiler.ShapeOf(op.Inputs[1]);
        float[] bias = op.HasInput(2) ? compiler.ConstantFloats(op, 2) : new float[channels];
        var tiling = new ChannelTiling(
            groups, channels / groups, (int)(weightShape.ElementCount / channels), Grids.ChannelTile(compiler.Device));
        ConstantSlot weights = tiling.Pack(
            Reorder(compiler.ConstantFloats(op, 1), weightShape, groups, tail.Scale), compiler.Constants);
        ConstantSlot biases = tiling.PackBias(FoldedWeights.Bias(bias, tail), compiler.Constants);
        Plane input = Plane.Of(x.Shape), output = Plane.Of(y.Shape), kernel = Plane.Of(weightShape);
        long[] ones = [1, 1];
        Plane stride = Plane.Of(op.GetInts("strides") ?? ones[(4 - x.Shape.Rank)..], 1);
        Plane dilation = Plane.Of(op.GetInts("dilations") ?? ones[(4 - x.Shape.Rank)..], 1);
        Plane pad = Plane.Of(PadsBegin(op, x.Shape, y.Shape, weightShape), 0);
        int width = Grids.VectorWidth(compiler.Device);
        compiler.EmitAt(tail.Last, op, () => compiler.Add(new Launch(
            DirectConvolution.Program, "transposed_convolution", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y).Constant(weights).Constant(biases);
            arguments.Ints(
                groups, tiling.Tiles, x.Shape[1] / groups, channels / groups, input.Rows, input.Columns, output.Rows, output.Columns,
                kernel.Rows, kernel.Columns, stride.Rows, stride.Columns, pad.Rows, pad.Columns,
                dilation.Rows, dilation.Columns);
            arguments.Activation(tail.Activation);
            arguments.SetGrid(
                Grids.Blocks(output.Columns, (long)width * stride.Columns) * stride.Columns,
                output.Rows,
                x.Shape[0] * groups * tiling.Tiles);
        })));
    }

    /// <summary>Weights as [output channel][input channel of the group][row][column].</summary>
    private static float[] Reorder(float[] weights, Shape shape, int groups, float[]? scale)
    {
        int groupIn = (int)shape[0] / groups, groupOut = (int)shape[1], window = (int)shape.Product(2, shape.Rank);
        var packed = new float[weights.Length];
        for (int input = 0; input < shape[0]; input++)
        {
            for (int channel = 0; channel < groupOut; channel++)
            {
                int output = input / groupIn * groupOut + channel;
                float factor = scale?[output] ?? 1;
                for (int k = 0; k < window; k++)
                {
                    packed[(output * groupIn + input % groupIn) * window + k] =
                        weights[(input * groupOut + channel) * window + k] * factor;
                }
            }
        }
        return packed;
    }

    /// <summary>What is cut from the output's begin: given, or what the wanted extent leaves, as ONNX defines it.</summary>
    private static long[] PadsBegin(Operator op, Shape input, Shape output, Shape weights)
    {
        string mode = op.GetText("auto_pad", "NOTSET");
        int axes = input.Rank - 2;
        if (mode == "VALID")
        {
            return new long[axes];
        }
        bool computed = mode is "SAME_UPPER" or "SAME_LOWER" || op.GetInts("output_shape") is { Count: > 0 };
        if (!computed)
        {
            return [.. (op.GetInts("pads") ?? new long[2 * axes]).Take(axes)];
        }
        return [.. Enumerable.Range(0, axes).Select(axis =>
        {
            long stride = op.GetInts("strides")?[axis] ?? 1;
            long dilation = op.GetInts("dilations")?[axis] ?? 1;
            long extra = op.GetInts("output_padding")?[axis] ?? 0;
            long total = Math.Max(
                0, stride * (input[axis + 2] - 1) + extra + (weights[axis + 2] - 1) * dilation + 1 - output[axis + 2]);
            return mode == "SAME_UPPER" ? total / 2 : total - total / 2;
        })];
    }
}
