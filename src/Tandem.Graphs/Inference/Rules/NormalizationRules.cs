namespace Tandem.Graphs.Inference.Rules;

/// <summary>Normalizations whose output is like their input; parameters, where there are any, are one per channel.</summary>
internal sealed class NormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } =
        ["LRN", "LpNormalization", "MeanVarianceNormalization", "InstanceNormalization", "GroupNormalization"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        if (context.Operator.Type == "InstanceNormalization")
        {
            ChannelParameters.Require(context, 1, 2);
        }
        return [context.Like(0)];
    }
}

/// <summary>BatchNormalization; outputs after the first are statistics of training, one per channel.</summary>
internal sealed class BatchNormalizationRule : IOperatorRule
{
    private const int NewestOutputCount = 5;

    public IReadOnlyList<string> Types { get; } = ["BatchNormalization"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        ChannelParameters.Require(context, 1, 4);
        return [context.Like(0), .. Enumerable.Repeat(context.Like(3), NewestOutputCount - 1)];
    }
}

/// <summary>LayerNormalization; mean and inverse deviation have extent 1 from the normalized axis on.</summary>
internal sealed class LayerNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["LayerNormalization"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape shape = context.Shape(0, 1);
        int axis = context.Axis(context.Operator.GetInt("axis", -1), shape.Rank);
        TensorType statistics = context.Output(ElementType.Float32, [.. shape.Select((d, i) => i < axis ? d : 1)]);
        return [context.Like(0), statistics, statistics];
    }
}

/// <summary>Parameters that there is one of per channel (the second dimension of an image).</summary>
internal static class ChannelParameters
{
    /// <summary>Checks the inputs [first, first + count).</summary>
    /// <exception cref="InvalidModelException">One has another number of elements.</exception>
    public static void Require(OperatorContext context, int first, int count)
    {
        long channels = context.Shape(0, 2)[1];
        for (int i = first; i < first + count; i++)
        {
            if (!context.Shape(i).AsSpan().SequenceEqual([channels]))
            {
                throw context.Error($"input {context.Input(i)} must have one element for each of {channels} channels");
            }
        }
    }
}
