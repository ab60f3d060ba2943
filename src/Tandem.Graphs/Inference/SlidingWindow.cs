namespace Tandem.Graphs.Inference;

/// <summary>
/// The window of a convolution or pooling operator, one entry per spatial axis, with automatic padding resolved to numbers.
/// </summary>
/// <param name="Kernel">Elements per axis.</param>
/// <param name="Strides">Step of the window.</param>
/// <param name="Dilations">Distance between the window's elements.</param>
/// <param name="PadsBegin">Padding before the first element; for a transposed convolution, what is cut from its output.</param>
/// <param name="PadsEnd">Padding after the last element.</param>
/// <param name="CeilMode">Whether a last, incomplete window counts (pooling).</param>
public sealed record SlidingWindow(
    IReadOnlyList<long> Kernel,
    IReadOnlyList<long> Strides,
    IReadOnlyList<long> Dilations,
    IReadOnlyList<long> PadsBegin,
    IReadOnlyList<long> PadsEnd,
    bool CeilMode = false)
{
    /// <summary>The window of a Conv, FusedConv, AveragePool, MaxPool or LpPool operator in its graph.</summary>
    /// <exception cref="InvalidModelException">Its attributes contradict each other or its inputs.</exception>
    public static SlidingWindow Of(Operator op, Graph graph)
    {
        Shape input = graph.Tensors[op.Inputs[0]].Shape;
        long[]? weights = op.Type.EndsWith("Conv", StringComparison.Ordinal)
            ? [.. graph.Tensors[op.Inputs[1]].Shape.Skip(2)]
            : null;
        return Of(op, [.. input.Skip(2)], weights);
    }

    /// <summary>The window over spatial extents.</summary>
    /// <param name="op">The operator that has the attributes.</param>
    /// <param name="extents">The input's spatial extents.</param>
    /// <param name="weightExtents">The weights' spatial extents; null for pooling, whose kernel is an attribute.</param>
    /// <exception cref="InvalidModelException">The attributes contradict each other or the extents.</exception>
    public static SlidingWindow Of(Operator op, long[] extents, long[]? weightExtents)
    {
        IReadOnlyList<long> kernel = op.GetInts("kernel_shape") ?? weightExtents
            ?? throw new InvalidModelException(op, "attribute 'kernel_shape' is missing");
        if (weightExtents is not null && !kernel.SequenceEqual(weightExtents))
        {
            throw new InvalidModelException(op, "attribute 'kernel_shape' differs from the weights' shape");
        }
        long[] ones = [.. extents.Select(_ => 1L)];
        IReadOnlyList<long> strides = op.GetInts("strides") ?? ones;
        IReadOnlyList<long> dilations = op.GetInts("dilations") ?? ones;
        IReadOnlyList<long> pads = op.GetInts("pads") ?? [.. ones.Concat(ones).Select(_ => 0L)];
        if (kernel.Count != extents.Length || strides.Count != extents.Length || dilations.Count != extents.Length
            || pads.Count != 2 * extents.Length)
        {
            throw new InvalidModelException(
                op, $"kernel, strides, pads and dilations must fit the input's {extents.Length} spatial dimensions");
        }
        if (kernel.Concat(strides).Concat(dilations).Any(v => v is < 1 or > int.MaxValue)
            || pads.Any(v => v is < 0 or > int.MaxValue))
        {
            throw new InvalidModelException(op, "kernel, strides and dilations must be 1 or more, pads 0 or more");
        }
        var window = new SlidingWindow(
            kernel, strides, dilations,
            [.. pads.Take(extents.Length)], [.. pads.Skip(extents.Length)],
            op.GetInt("ceil_mode", 0) != 0);
        return window.WithAutomaticPads(op, extents);
    }

    /// <summary>The extent that the dilated kernel covers along an axis.</summary>
    public long Reach(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>How many positions the window takes along an axis of the given extent; zero or less where it does not fit.</summary>
    /// <remarks>In ceiling mode a window that would begin in the padding after the last element does not count.</remarks>
    public long OutputExtent(int axis, long extent)
    {
        long room = extent + PadsBegin[axis] + PadsEnd[axis] - Reach(axis);
        if (room < 0)
        {
            return 0;
        }
        long positions = (room / Strides[axis]) + 1;
        if (CeilMode && room % Strides[axis] != 0 && positions * Strides[axis] < extent + PadsBegin[axis])
        {
            positions++;
        }
        return positions;
    }

    private SlidingWindow WithAutomaticPads(Operator op, long[] extents)
    {
        string mode = op.GetText("auto_pad", "NOTSET");
        switch (mode)
        {
            case "" or "NOTSET":
                return this;
            case "VALID":
                long[] none = new long[extents.Length];
                return this with { PadsBegin = none, PadsEnd = none };
            case "SAME_UPPER" or "SAME_LOWER":
                long[] totals = [.. extents.Select((extent, axis) => SamePads(axis, extent))];
                long[] smaller = [.. totals.Select(t => t / 2)];
                long[] larger = [.. totals.Select(t => t - (t / 2))];
                return mode == "SAME_UPPER"
                    ? this with { PadsBegin = smaller, PadsEnd = larger }
                    : this with { PadsBegin = larger, PadsEnd = smaller };
            default:
                throw new InvalidModelException(op, $"attribute 'auto_pad' has the unknown value '{mode}'");
        }
    }

    // "Same": as many positions as strides fit into the extent, rounded up.
    private long SamePads(int axis, long extent)
    {
        long positions = (extent + Strides[axis] - 1) / Strides[axis];
        return Math.Max(0, ((positions - 1) * Strides[axis]) + Reach(axis) - extent);
    }
}
