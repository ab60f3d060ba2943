namespace Tandem.Graphs.Inference.Rules;

/// <summary>Reshape: 0 keeps a dimension (unless allowzero), -1 takes what is left.</summary>
internal sealed class ReshapeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Reshape"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        long[] target = [.. context.Integers(1) ?? throw context.Error("input 1 is missing")];
        bool zeroIsZero = context.Operator.GetInt("allowzero", 0) != 0;
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == 0 && !zeroIsZero)
            {
                target[i] = i < input.Rank ? input[i] : throw context.Error($"dimension {i} of {context.Input(0)} does not exist");
            }
        }
        int open = Array.IndexOf(target, -1);
        if (open >= 0)
        {
            long known = 1;
            foreach (long dimension in target.Where((_, i) => i != open))
            {
                known = checked(known * dimension);
            }
            target[open] = known > 0 ? input.ElementCount / known : 0;
        }
        TensorType output = context.Output(context.Type(0), target);
        return output.Shape.ElementCount == input.ElementCount
            ? [output]
            : throw context.Error($"{context.Input(0)} cannot take the shape [{string.Join(',', context.Integers(1)!)}]");
    }
}

/// <summary>Flatten to a matrix, its rows made of the dimensions before the axis.</summary>
internal sealed class FlattenRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Flatten"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        long axis = context.Operator.GetInt("axis", 1);
        // The axis may also be the rank itself: all dimensions in the rows.
        int split = axis == input.Rank ? input.Rank : context.Axis(axis, input.Rank);
        return [context.Output(context.Type(0), input.Product(0, split), input.Product(split, input.Rank))];
    }
}

/// <summary>Transpose; without a permutation the dimensions are reversed.</summary>
internal sealed class TransposeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Transpose"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [context.Output(context.Type(0), [.. Permutation(context).Select(axis => context.Shape(0)[axis])])];

    /// <summary>For each output axis, the input axis that it is.</summary>
    /// <exception cref="InvalidModelException">The attribute is no permutation of the axes.</exception>
    public static int[] Permutation(OperatorContext context)
    {
        int rank = context.Shape(0).Rank;
        if (context.Operator.GetInts("perm") is not { } permutation)
        {
            return [.. Enumerable.Range(0, rank).Reverse()];
        }
        return permutation.Order().SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i))
            ? [.. permutation.Select(axis => (int)axis)]
            : throw context.Error($"attribute 'perm' is no permutation of the {rank} dimensions of {context.Input(0)}");
    }
}

/// <summary>Squeeze: removes the given axes of extent 1, or all of them.</summary>
internal sealed class SqueezeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Squeeze"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long>? given = context.AttributeOrInput("axes", 1);
        HashSet<int> axes = given is null
            ? [.. Enumerable.Range(0, input.Rank).Where(i => input[i] == 1)]
            : [.. given.Select(a => context.Axis(a, input.Rank))];
        return axes.All(a => input[a] == 1)
            ? [context.Output(context.Type(0), [.. input.Where((_, i) => !axes.Contains(i))])]
            : throw context.Error($"it removes an axis of {context.Input(0)} whose extent is not 1");
    }
}

/// <summary>Unsqueeze: inserts axes of extent 1 at the given places of the output.</summary>
internal sealed class UnsqueezeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Unsqueeze"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long> given = context.AttributeOrInput("axes", 1) ?? throw context.Error("'axes' is missing");
        int rank = input.Rank + given.Count;
        HashSet<int> axes = [.. given.Select(a => context.Axis(a, rank))];
        if (axes.Count != given.Count)
        {
            throw context.Error("'axes' names an axis twice");
        }
        using IEnumerator<long> rest = input.GetEnumerator();
        return [context.Output(context.Type(0), [.. Enumerable.Range(0, rank).Select(i =>
            axes.Contains(i) || !rest.MoveNext() ? 1 : rest.Current)])];
    }
}

/// <summary>Expand: broadcasts to a shape (in both directions).</summary>
internal sealed class ExpandRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Expand"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        long[] target = [.. context.Integers(1) ?? throw context.Error("input 1 is missing")];
        return [context.Output(context.Type(0), Broadcasting.Combine(context.Shape(0).AsSpan(), target)
            ?? throw context.Error($"{context.Input(0)} cannot be expanded to [{string.Join(',', target)}]"))];
    }
}

/// <summary>Tile: repeats along each axis.</summary>
internal sealed class TileRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Tile"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long> repeats = context.Integers(1) ?? throw context.Error("input 1 is missing");
        return repeats.Count == input.Rank
            ? [context.Output(context.Type(0), [.. input.Select((d, i) => checked(d * repeats[i]))])]
            : throw context.Error($"it has {repeats.Count} repeats for {context.Input(0)}");
    }
}

/// <summary>DepthToSpace: moves blocks of channels into rows and columns.</summary>
internal sealed class DepthToSpaceRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["DepthToSpace"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 4);
        long block = context.Operator.GetInt("blocksize", 0);
        return block is > 0 and < int.MaxValue && input[1] % (block * block) == 0
            ? [context.Output(
                context.Type(0), input[0], input[1] / (block * block), checked(input[2] * block), checked(input[3] * block))]
            : throw context.Error($"block size {block} does not fit {context.Input(0)}");
    }
}

/// <summary>SpaceToDepth: moves blocks of rows and columns into channels.</summary>
internal sealed class SpaceToDepthRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["SpaceToDepth"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 4);
        long block = context.Operator.GetInt("blocksize", 0);
        return block is > 0 and < int.MaxValue && input[2] % block == 0 && input[3] % block == 0
            ? [context.Output(
                context.Type(0), input[0], checked(input[1] * block * block), input[2] / block, input[3] / block)]
            : throw context.Error($"block size {block} does not fit {context.Input(0)}");
    }
}
