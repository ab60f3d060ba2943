using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>Sums per channel (the second dimension).</summary>
internal static class ChannelSums
{
    /// <summary>The sum over batch and positions: one number per channel.</summary>
    public static Tensor Of(GraphDraft draft, Tensor x) =>
        draft.ReduceSum(x, [0, .. Enumerable.Range(2, x.Shape.Rank - 2).Select(axis => (long)axis)], keepDimensions: false);

    /// <summary>One number per channel in a shape that is broadcast to images.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="perChannel">One number per channel.</param>
    /// <param name="rank">The images' number of dimensions.</param>
    public static Tensor Broadcastable(GraphDraft draft, Tensor perChannel, int rank)
    {
        long[] dimensions = [.. Enumerable.Repeat(1L, rank)];
        dimensions[1] = perChannel.Shape[0];
        return draft.Reshape(perChannel, new Shape(dimensions));
    }
}
