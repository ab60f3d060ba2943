namespace Tandem.Graphs.Exits;

/// <summary>A place at which an inference may leave a progressive network with a classification.</summary>
/// <param name="Output">
/// The graph's output that holds the scores. N, classes: logits (before the softmax), except that the last exit's are whatever the
/// original network gave.
/// </param>
/// <param name="Macs">
/// Multiply-accumulates done when an inference of batch 1 leaves here: the network up to here with the heads of this and all earlier exits.
/// </param>
public sealed record Exit(string Output, long Macs)
{
    /// <summary>The logits are divided by this before the softmax, so that confidence equals accuracy (Guo et al., 2017).</summary>
    /// <value>1: as trained.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// An inference leaves where the largest softmax probability is at least this; above 1 none does. Not used at the last exit.
    /// </summary>
    /// <value>0.8, the middle of what SPINN tries.</value>
    public double Threshold { get; init; } = 0.8;
}
