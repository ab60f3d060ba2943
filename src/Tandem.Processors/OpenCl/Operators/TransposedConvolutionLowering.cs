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
        ConvolutionCall call = Read(op, tail, x, y, compiler);
        compiler.EmitAt(tail.Last, op, () =>
        {
            if (PhasedTransposition.Supports(call, compiler.Device))
            {
                PhasedTransposition.Emit(call, compiler);
            }
            else
            {
                EmitGathering(call, compiler);
            }
            call.Weights = [];
        });
    }

    /// <summary>The convolution that is transposed, with weights in a convolution's order; padding is what is cut off.</summary>
    private static ConvolutionCall Read(Operator op, FusedTail tail, TensorNode x, TensorNode y, SliceCompiler compiler)
    {
        int channels = (int)y.Shape[1], groups = (int)op.GetInt("group", 1);
        Shape weightShape = compiler.ShapeOf(op.Inputs[1]);
        float[] bias = op.HasInput(2) ? compiler.ConstantFloats(op, 2) : new float[channels];
        long[] ones = [1, 1];
        return new ConvolutionCall
        {
            X = x,
            Y = y,
            Weights = Reorder(compiler.ConstantFloats(op, 1), weightShape, groups, tail.Scale),
            Bias = FoldedWeights.Bias(bias, tail),
            Activation = tail.Activation,
            Input = Plane.Of(x.Shape),
            Output = Plane.Of(y.Shape),
            Kernel = Plane.Of(weightShape),
            Stride = Plane.Of(op.GetInts("strides") ?? ones[(4 - x.Shape.Rank)..], 1),
            Dilation = Plane.Of(op.GetInts("dilations") ?? ones[(4 - x.Shape.Rank)..], 1),
            Pad = Plane.Of(PadsBegin(op, x.Shape, y.Shape, weightShape), 0),
            Groups = groups,
        };
    }

    /// <summary>Adds the launch that finds for each output the inputs that reach it: any form on any device.</summary>
    private static void EmitGathering(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.Depth, Grids.ChannelTile(compiler.Device));
        int tiles = tiling.Tiles;
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = tiling.PackBias(call.Bias, compiler.Constants);
        int width = Grids.VectorWidth(compiler.Device);
        compiler.Add(new Launch(
            DirectConvolution.Program, "transposed_convolution", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias);
            arguments.Ints(
                call.Groups, tiles, call.GroupIn, call.GroupOut,
                call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            arguments.SetGrid(
                Grids.Blocks(call.Output.Columns, (long)width * call.Stride.Columns) * call.Stride.Columns,
                call.Output.Rows,
                (long)call.Batch * call.Groups * tiles);
        }));
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
