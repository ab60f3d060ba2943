namespace Tandem.Graphs.Inference.Rules;

/// <summary>Concat along one axis.</summary>
internal sealed class ConcatRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Concat"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape first = context.Shape(0, 1);
        int axis = context.Axis(context.Operator.GetInt("axis", 1), first.Rank);
        long extent = first[axis];
        for (int i = 1; i < context.Operator.Inputs.Count; i++)
        {
            Shape other = context.Shape(i);
            context.RequireSameType(0, i);
            if (other.Rank != first.Rank || !other.With(axis, 0).Equals(first.With(axis, 0)))
            {
                throw context.Error($"inputs {context.Input(0)} and {context.Input(i)} differ beside axis {axis}");
            }
            extent += other[axis];
        }
        return [context.Output(context.Type(0), first.With(axis, extent).AsSpan())];
    }
}

/// <summary>Split along one axis: by given sizes, or evenly (the last part may be smaller).</summary>
internal sealed class SplitRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Split"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 1);
        int axis = context.Axis(context.Operator.GetInt("axis", 0), input.Rank);
        long count = context.Operator.Outputs.Count;
        long part = (input[axis] + count - 1) / count;
        IReadOnlyList<long> sizes = context.AttributeOrInput("split", 1)
            ?? [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(input[axis] - (i * part), 0, part))];
        return sizes.Count == count && sizes.Sum() == input[axis]
            ? [.. sizes.Select(size => context.Output(context.Type(0), WithExtent(input, axis, size)))]
            : throw context.Error($"parts of [{string.Join(',', sizes)}] do not make up axis {axis} of {context.Input(0)}");
    }

    private static long[] WithExtent(Shape shape, int axis, long extent)
    {
        long[] dimensions = [.. shape];
        dimensions[axis] = extent;
        return dimensions;
    }
}

/// <summary>Slice: parts of axes by start, end and step, from attributes (before opset 10) or inputs.</summary>
internal sealed class SliceRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Slice"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Range[] ranges = Ranges(context);
        return [context.Output(context.Type(0), [.. ranges.Select(r => r.Extent)])];
    }

    /// <summary>What is taken along each axis of the input.</summary>
    /// <exception cref="InvalidModelException">Starts, ends, axes and steps do not fit each other.</exception>
    public static Range[] Ranges(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long> starts = context.AttributeOrInput("starts", 1) ?? throw context.Error("'starts' is missing");
        IReadOnlyList<long> ends = context.AttributeOrInput("ends", 2) ?? throw context.Error("'ends' is missing");
        IReadOnlyList<long> axes = context.AttributeOrInput("axes", 3) ?? [.. starts.Select((_, i) => (long)i)];
        IReadOnlyList<long> steps = context.Integers(4) ?? [.. starts.Select(_ => 1L)];
        if (ends.Count != starts.Count || axes.Count != starts.Count || steps.Count != starts.Count || steps.Contains(0))
        {
            throw context.Error("starts, ends, axes and steps do not fit each other");
        }
        Range[] ranges = [.. input.Select(extent => new Range(0, 1, extent))];
        for (int i = 0; i < axes.Count; i++)
        {
            int axis = context.Axis(axes[i], input.Rank);
            ranges[axis] = Range.Of(input[axis], starts[i], ends[i], steps[i]);
        }
        return ranges;
    }

    /// <summary>Extent indices, from Start on, Step apart.</summary>
    internal readonly record struct Range(long Start, long Step, long Extent)
    {
        /// <summary>The range as ONNX counts it: negative ends count from the back, and both are clamped to the axis.</summary>
        public static Range Of(long extent, long start, long end, long step)
        {
            // An end at long.MinValue means "past the first element"; adding the extent must not overflow.
            long from = start < 0 ? start + extent : start;
            long to = end < 0 ? end + extent : end;
            if (step > 0)
            {
                from = Math.Clamp(from, 0, extent);
                to = Math.Clamp(to, 0, extent);
                return new Range(from, step, to <= from ? 0 : ((to - from - 1) / step) + 1);
            }
            from = Math.Clamp(from, -1, extent - 1);
            to = Math.Clamp(to, -1, extent - 1);
            return new Range(from, step, from <= to || step == long.MinValue ? 0 : ((from - to - 1) / -step) + 1);
        }
    }
}

/// <summary>Gather: replaces an axis by the dimensions of the indices.</summary>
internal sealed class GatherRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Gather"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 1);
        int axis = context.Axis(context.Operator.GetInt("axis", 0), input.Rank);
        return [context.Output(context.Type(0), [.. input.Take(axis), .. context.Shape(1), .. input.Skip(axis + 1)])];
    }
}

/// <summary>GatherElements: one element for each index.</summary>
internal sealed class GatherElementsRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["GatherElements"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) => [new(context.Type(0), context.Shape(1))];
}

/// <summary>GatherND: one element or slice for each index tuple.</summary>
internal sealed class GatherNDRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["GatherND"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 1);
        Shape indices = context.Shape(1, 1);
        long indexed = context.Operator.GetInt("batch_dims", 0) + indices[^1];
        return indices[^1] >= 1 && indexed <= input.Rank
            ? [context.Output(context.Type(0), [.. indices.Take(indices.Rank - 1), .. input.Skip((int)indexed)])]
            : throw context.Error($"indices {context.Input(1)} do not fit {context.Input(0)}");
    }
}

/// <summary>ScatterElements and ScatterND: the data with some of their elements changed.</summary>
internal sealed class ScatterRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["ScatterElements", "ScatterND"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        context.RequireSameType(0, 2);
        return [context.Like(0)];
    }
}

/// <summary>Pad; pads are an attribute before opset 11, an input since, and may be for some axes only since 18.</summary>
internal sealed class PadRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Pad"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0);
        IReadOnlyList<long> pads = context.AttributeOrInput("pads", 1) ?? throw context.Error("'pads' is missing");
        IReadOnlyList<long> axes = context.Integers(3) ?? [.. Enumerable.Range(0, input.Rank).Select(i => (long)i)];
        if (pads.Count != 2 * axes.Count)
        {
            throw context.Error($"{pads.Count} pads do not fit {axes.Count} axes of {context.Input(0)}");
        }
        long[] dimensions = [.. input];
        for (int i = 0; i < axes.Count; i++)
        {
            int axis = context.Axis(axes[i], input.Rank);
            dimensions[axis] = checked(dimensions[axis] + pads[i] + pads[i + axes.Count]);
        }
        return [context.Output(context.Type(0), dimensions)];
    }
}

/// <summary>Crop, an experimental operator: cuts rows and columns off, or takes an area of a given size.</summary>
internal sealed class CropRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Crop"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 4);
        IReadOnlyList<long> border = context.RequiredInts("border");
        if (input.Rank != 4 || border.Count != 4 || border.Any(b => b < 0))
        {
            throw context.Error("it needs four borders (left, top, right, bottom) and an image");
        }
        (long left, long top, long right, long bottom) = (border[0], border[1], border[2], border[3]);
        if (context.Operator.GetInts("scale") is { Count: 2 } size)
        {
            return top <= input[2] - size[0] && left <= input[3] - size[1]
                ? [context.Output(context.Type(0), input[0], input[1], size[0], size[1])]
                : throw context.Error($"the area to keep does not lie within {context.Input(0)}");
        }
        return [context.Output(
            context.Type(0), input[0], input[1], checked(input[2] - top - bottom), checked(input[3] - left - right))];
    }
}
