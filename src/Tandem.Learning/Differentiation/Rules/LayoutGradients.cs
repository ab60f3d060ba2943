using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Operators that keep the order of elements: the gradient in the input's shape.</summary>
internal sealed class ReshapeGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"];

    public void Differentiate(GradientContext context) =>
        context.Accumulate(0, context.Draft.Reshape(context.Gradient, context.Input(0).Shape));
}

/// <summary>Transpose: the inverse permutation.</summary>
internal sealed class TransposeGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Transpose"];

    public void Differentiate(GradientContext context)
    {
        int rank = context.Input(0).Shape.Rank;
        IReadOnlyList<long> permutation = context.Operator.GetInts("perm")
            ?? [.. Enumerable.Range(0, rank).Reverse().Select(axis => (long)axis)];
        long[] inverse = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            inverse[permutation[i]] = i;
        }
        context.Accumulate(0, context.Draft.Transpose(context.Gradient, inverse));
    }
}

/// <summary>Expand: the sum over what was repeated.</summary>
internal sealed class ExpandGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Expand"];

    public void Differentiate(GradientContext context) =>
        context.Accumulate(0, context.Draft.SumTo(context.Gradient, context.Input(0).Shape));
}

/// <summary>Tile: the sum over the repetitions.</summary>
internal sealed class TileGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Tile"];

    public void Differentiate(GradientContext context)
    {
        Shape shape = context.Input(0).Shape;
        long[] repeats = context.Integers(1)!;
        Tensor split = context.Draft.Reshape(
            context.Gradient, new Shape([.. shape.SelectMany((extent, axis) => new[] { repeats[axis], extent })]));
        long[] axes = [.. Enumerable.Range(0, shape.Rank).Select(axis => 2L * axis)];
        context.Accumulate(0, context.Draft.ReduceSum(split, axes, keepDimensions: false));
    }
}

/// <summary>DepthToSpace: SpaceToDepth, with the channels in the operator's order.</summary>
internal sealed class DepthToSpaceGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["DepthToSpace"];

    public void Differentiate(GradientContext context)
    {
        long block = context.Operator.GetInt("blocksize", 1);
        Shape x = context.Input(0).Shape;
        long channels = x[1] / (block * block);
        Tensor blocks = context.Draft.Reshape(
            context.Gradient, new Shape(x[0], channels, x[2], block, x[3], block));
        Tensor moved = context.Operator.GetText("mode", "DCR") == "CRD"
            ? context.Draft.Transpose(blocks, 0, 1, 3, 5, 2, 4)
            : context.Draft.Transpose(blocks, 0, 3, 5, 1, 2, 4);
        context.Accumulate(0, context.Draft.Reshape(moved, x));
    }
}

/// <summary>SpaceToDepth: DepthToSpace.</summary>
internal sealed class SpaceToDepthGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["SpaceToDepth"];

    public void Differentiate(GradientContext context) => context.Accumulate(0, context.Draft.Add(
        "DepthToSpace", [context.Gradient], ("blocksize", Expressions.Int(context.Operator.GetInt("blocksize", 1)))));
}
