namespace Tandem.Bench.TrainingStep;

/// <summary>One of the network's parameters, which lie one after another in one vector.</summary>
/// <param name="Shape">As other frameworks have it; a convolution's is O, I, kh, kw.</param>
internal sealed record Parameter(params long[] Shape)
{
    private const int Block = (int)BlockedConvolution.Block;

    /// <summary>How many numbers it has.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>
    /// Where the number that is at each place of the plain order is in the order of the step's graph: the blocked one for convolutions.
    /// </summary>
    public IEnumerable<int> Places()
    {
        if (Shape.Length != 4)
        {
            return Enumerable.Range(0, (int)Count);
        }
        int inputs = (int)Shape[1];
        int window = (int)(Shape[2] * Shape[3]);
        int innerBlock = inputs % Block == 0 ? Block : 1;
        return Enumerable.Range(0, (int)Count).Select(place =>
        {
            int w = place % window;
            int i = place / window % inputs;
            int o = place / window / inputs;
            int block = (o / Block * (inputs / innerBlock)) + (i / innerBlock);
            return (((((block * window) + w) * innerBlock) + (i % innerBlock)) * Block) + (o % Block);
        });
    }
}
