namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Which channels of its inputs an operator needs in order to make some channels of its output.</summary>
/// <param name="OutputStep">Output channels may be cut at multiples of this only.</param>
/// <param name="InputSteps">
/// For each input, how many of its channels go with one output step; 0 where the input is read whole or is a constant.
/// </param>
/// <param name="Refusal">Why the operator cannot be cut by channels; null where it can.</param>
internal sealed record ChannelCoupling(long OutputStep, IReadOnlyList<long> InputSteps, string? Refusal = null)
{
    /// <summary>The operator cannot be cut by channels.</summary>
    public static ChannelCoupling Refused(string reason) => new(1, [], reason);

    /// <summary>Couples the first input with the output, channel by channel; all other inputs are constants.</summary>
    public static ChannelCoupling OneToOne(OperatorSite site, long inputStep = 1, long outputStep = 1)
    {
        long[] steps = new long[site.InputCount];
        steps[0] = inputStep;
        return new ChannelCoupling(outputStep, steps);
    }

    /// <summary>Every output channel needs all input channels (a convolution, a matrix product).</summary>
    public static ChannelCoupling ReadsAll(OperatorSite site) => new(1, new long[site.InputCount]);
}
