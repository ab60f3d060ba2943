namespace Tandem.Graphs.Inference.Rules;

/// <summary>Upsample; scales are an attribute before opset 9, an input since. Extents are rounded down.</summary>
internal sealed class UpsampleRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Upsample"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        IReadOnlyList<float> scales = context.Operator.Attributes.GetValueOrDefault("scales") is AttributeValue.Floats attribute
            ? attribute.Values
            : context.Floats(1) ?? throw context.Error("'scales' is missing");
        return [context.Output(context.Type(0), Scaling.Extents(context, scales, null))];
    }
}

/// <summary>Resize: by scales or to sizes, since opset 18 also for some axes only and keeping the aspect ratio.</summary>
internal sealed class ResizeRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["Resize"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        int scalesInput = context.Opset < 11 ? 1 : 2;
        IReadOnlyList<long>? axes = context.Operator.GetInts("axes");
        if (context.Floats(scalesInput) is { } scales)
        {
            return [context.Output(context.Type(0), Scaling.Extents(context, scales, axes))];
        }
        IReadOnlyList<long> sizes = context.Integers(3) ?? throw context.Error("neither scales nor sizes are given");
        return [context.Output(context.Type(0), Sized(context, sizes, axes))];
    }

    private static long[] Sized(OperatorContext context, IReadOnlyList<long> sizes, IReadOnlyList<long>? axes)
    {
        Shape input = context.Shape(0);
        int[] places = Scaling.Axes(context, sizes.Count, axes);
        string policy = context.Operator.GetText("keep_aspect_ratio_policy", "stretch");
        double[] ratios = [.. places.Select((axis, i) => (double)sizes[i] / Math.Max(1, input[axis]))];
        double? common = policy switch
        {
            "not_larger" => ratios.Min(),
            "not_smaller" => ratios.Max(),
            _ => null,
        };
        long[] dimensions = [.. input];
        for (int i = 0; i < places.Length; i++)
        {
            dimensions[places[i]] = common is double ratio
                ? Scaling.ToExtent(context, Math.Round(ratio * input[places[i]], MidpointRounding.AwayFromZero))
                : sizes[i];
        }
        return dimensions;
    }
}

/// <summary>What Upsample and Resize share.</summary>
internal static class Scaling
{
    private const double LargestExtent = 1L << 40;

    /// <summary>Extents multiplied by scales, rounded down.</summary>
    /// <exception cref="InvalidModelException">The scales do not fit the input.</exception>
    public static long[] Extents(OperatorContext context, IReadOnlyList<float> scales, IReadOnlyList<long>? axes)
    {
        Shape input = context.Shape(0);
        int[] places = Axes(context, scales.Count, axes);
        IReadOnlyList<float>? regions =
            context.Operator.GetText("coordinate_transformation_mode", "") == "tf_crop_and_resize" ? context.Floats(1) : null;
        if (regions is not null && regions.Count != 2 * scales.Count)
        {
            throw context.Error("the region of interest does not fit the scales");
        }
        long[] dimensions = [.. input];
        for (int i = 0; i < places.Length; i++)
        {
            float part = regions is null ? 1 : regions[i + scales.Count] - regions[i];
            dimensions[places[i]] = ToExtent(context, Math.Floor((float)input[places[i]] * part * scales[i]));
        }
        return dimensions;
    }

    /// <summary>The axes that are scaled: those given, or all.</summary>
    /// <exception cref="InvalidModelException">There is not one number for each.</exception>
    public static int[] Axes(OperatorContext context, int count, IReadOnlyList<long>? axes)
    {
        int rank = context.Shape(0).Rank;
        int[] places = axes is { Count: > 0 }
            ? [.. axes.Select(a => context.Axis(a, rank))]
            : [.. Enumerable.Range(0, rank)];
        return places.Length == count
            ? places
            : throw context.Error($"{count} scales or sizes do not fit {places.Length} axes of {context.Input(0)}");
    }

    /// <summary>An extent from its computed value.</summary>
    /// <exception cref="InvalidModelException">It is not possible.</exception>
    public static long ToExtent(OperatorContext context, double extent) => extent is >= 0 and <= LargestExtent
        ? (long)extent
        : throw context.Error($"a scaled extent would be {extent}");
}
