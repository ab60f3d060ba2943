using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>BatchNormalization, ImageScaler and Affine where no kernel before them could take them over.</summary>
internal sealed class ChannelScaleLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["BatchNormalization", "ImageScaler", "Affine"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        if (compiler.ShapeOf(op.Inputs[0]).Rank < 2)
        {
            throw compiler.Refuse(op, "its input has no channels");
        }
        ChannelScale scale = ChannelScale.TryRead(op, op.Inputs[0], 1, compiler)
            ?? throw compiler.Refuse(op, "only inference with constant statistics for each channel is supported");
        Lower(op, op.Inputs[0], scale, compiler);
    }

    /// <summary>Adds the launch of a scale of channels and of what follows it.</summary>
    internal static void Lower(Operator op, string input, ChannelScale scale, SliceCompiler compiler)
    {
        FusedTail tail = compiler.Tail.Take(op, 1, TailKinds.Scale);
        TensorNode x = compiler.Node(input);
        TensorNode y = compiler.Node(tail.Output);
        float[] factors = FoldedWeights.Scale(scale.Scale, tail.Scale);
        float[] terms = FoldedWeights.Bias(scale.Shift, tail);
        compiler.EmitAt(
            tail.Last, op, () => Emit(compiler, x, y, new ChannelScale(factors, terms), tail.Activation));
    }

    /// <summary>Adds the launch.</summary>
    internal static void Emit(
        SliceCompiler compiler, TensorNode x, TensorNode y, ChannelScale scale, Activation activation)
    {
        ConstantSlot factors = compiler.Constants.Add(scale.Scale);
        ConstantSlot terms = compiler.Constants.Add(scale.Shift);
        long plane = x.Shape.Product(2, x.Shape.Rank);
        compiler.Add(new Launch(
            ElementwiseLaunch.Program, "scale_channels", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y).Constant(factors).Constant(terms);
            arguments.Ints(x.Shape[1], plane).Activation(activation);
            arguments.SetGrid(Grids.Blocks(plane, Grids.Chunk(compiler.Device)), x.Shape[0] * x.Shape[1]);
        }));
    }
}
