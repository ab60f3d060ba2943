namespace Tandem.Graphs.Inference.Rules;

/// <summary>Conv, and ONNX Runtime's Conv with an activation fused in (which may add a fourth input of the output's shape).</summary>
internal sealed class ConvRule(string domain = "", string type = "Conv") : IOperatorRule
{
    public string Domain => domain;

    public IReadOnlyList<string> Types { get; } = [type];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 3);
        Shape weights = context.Shape(1, 3);
        long group = context.Operator.GetInt("group", 1);
        context.RequireSameType(0, 1);
        if (group < 1 || weights.Rank != input.Rank || input[1] / group != weights[1] || input[1] % group != 0
            || weights[0] % group != 0)
        {
            throw context.Error($"weights {context.Input(1)} do not fit input {context.Input(0)} in {group} group(s)");
        }
        if (context.HasInput(2) && !context.Shape(2).AsSpan().SequenceEqual([weights[0]]))
        {
            throw context.Error($"bias {context.Input(2)} must have one element for each of {weights[0]} output channels");
        }
        long[] extents = [.. input.Skip(2)];
        var window = SlidingWindow.Of(context.Operator, extents, [.. weights.Skip(2)]);
        return [context.Output(context.Type(0), [input[0], weights[0], .. WindowExtents.Of(context, window, extents)])];
    }
}

/// <summary>ConvTranspose; weights are input channels, output channels per group, kernel.</summary>
internal sealed class ConvTransposeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["ConvTranspose"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 3);
        Shape weights = context.Shape(1, 3);
        long group = context.Operator.GetInt("group", 1);
        context.RequireSameType(0, 1);
        if (group < 1 || weights.Rank != input.Rank || input[1] != weights[0] || input[1] % group != 0)
        {
            throw context.Error($"weights {context.Input(1)} do not fit input {context.Input(0)} in {group} group(s)");
        }
        long[] extents = [.. input.Skip(2)];
        long[] outputs = Extents(context, extents, [.. weights.Skip(2)]);
        return [context.Output(context.Type(0), [input[0], checked(weights[1] * group), .. outputs])];
    }

    private static long[] Extents(OperatorContext context, long[] extents, long[] weightExtents)
    {
        Operator op = context.Operator;
        // The window is checked without automatic pads: these mean something else here, and are resolved below.
        string mode = op.GetText("auto_pad", "NOTSET");
        var window = SlidingWindow.Of(WithoutAutomaticPads(op), extents, weightExtents);
        if (op.GetInts("output_shape") is { Count: > 0 } wanted)
        {
            return wanted.Count >= extents.Length
                ? [.. wanted.Skip(wanted.Count - extents.Length)]
                : throw context.Error("attribute 'output_shape' has too few entries");
        }
        IReadOnlyList<long> extra = op.GetInts("output_padding") ?? new long[extents.Length];
        if (extra.Count != extents.Length)
        {
            throw context.Error("attribute 'output_padding' does not fit the input's spatial dimensions");
        }
        return [.. extents.Select((extent, axis) => mode is "SAME_UPPER" or "SAME_LOWER"
            ? checked(extent * window.Strides[axis])
            : checked((window.Strides[axis] * (extent - 1)) + extra[axis] + window.Reach(axis)
                - (mode == "VALID" ? 0 : window.PadsBegin[axis] + window.PadsEnd[axis])))];
    }

    private static Operator WithoutAutomaticPads(Operator op) =>
        op.With(attributes: op.Attributes.Where(a => a.Key != "auto_pad").ToDictionary());
}

/// <summary>AveragePool, MaxPool and LpPool; the second output of MaxPool is where the maxima were.</summary>
internal sealed class PoolRule(string domain = "") : IOperatorRule
{
    public string Domain => domain;

    public IReadOnlyList<string> Types { get; } = ["AveragePool", "MaxPool", "LpPool"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape input = context.Shape(0, 3);
        long[] extents = [.. input.Skip(2)];
        var window = SlidingWindow.Of(context.Operator, extents, null);
        TensorType output = context.Output(
            context.Type(0), [input[0], input[1], .. WindowExtents.Of(context, window, extents)]);
        return context.Operator.Type == "MaxPool" ? [output, output with { Type = ElementType.Int64 }] : [output];
    }
}

/// <summary>Pooling over all spatial dimensions, which remain with extent 1.</summary>
internal sealed class GlobalPoolRule(string domain = "") : IOperatorRule
{
    public string Domain => domain;

    public IReadOnlyList<string> Types { get; } = ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context) =>
        [context.Output(context.Type(0), [.. context.Shape(0, 2).Select((d, axis) => axis < 2 ? d : 1)])];
}

/// <summary>Output extents of a window.</summary>
internal static class WindowExtents
{
    /// <summary>How many positions the window takes along each spatial axis.</summary>
    /// <exception cref="InvalidModelException">The window is larger than the padded input.</exception>
    public static long[] Of(OperatorContext context, SlidingWindow window, long[] extents)
    {
        long[] outputs = [.. extents.Select((extent, axis) => window.OutputExtent(axis, extent))];
        return outputs.All(o => o > 0)
            ? outputs
            : throw context.Error($"its window does not fit into input {context.Input(0)}, not even once");
    }
}
