using Tandem.Graphs;

namespace Tandem.Bench.TrainingStep;

/// <summary>
/// The first 3x3 convolution, from images as N, C, H, W with few channels to the blocked layout. Weights lie as [O/16][I][3][3][16 of O].
/// </summary>
internal sealed record ImageConvolution(StepGraph Graph, long Batch, long In, long Out, long Extent)
{
    private const long Block = BlockedConvolution.Block;
    private const long Kernel = 3;

    /// <summary>The convolution.</summary>
    public string Forward(string x, string w) => Graph.AddBlocked(
        "Conv", [x, Graph.Reshape(w, Out, In, Kernel, Kernel)], ("kernel_shape", Ints(Kernel, Kernel)), ("pads", Ints(1, 1, 1, 1)));

    /// <summary>The gradient of the weights, as <see cref="BlockedConvolution.WeightGradient"/> does it.</summary>
    public string WeightGradient(string x, string g)
    {
        const long Halves = 2;
        string filter = Graph.Transpose(
            Graph.Reshape(g, Halves, Batch / Block / Halves, Block, Out / Block, Extent * Extent, Block), 0, 3, 1, 4, 2, 5);
        string rows = Graph.Reshape(Graph.Transpose(x, 0, 2, 3, 1), Batch * Extent, Extent * In);
        string padded = Graph.Reshape(Graph.Pad(rows, 0, In, 0, In), 1, Batch, Extent, (Extent + 2) * In);
        string result = Graph.AddBlocked(
            "Conv",
            [Graph.AddBlocked("ReorderInput", [padded]), Graph.Reshape(filter, Halves * Out, Batch / Halves, Extent, Extent)],
            ("kernel_shape", Ints(Extent, Extent)), ("dilations", Ints(1, In)), ("pads", Ints(1, 0, 1, 0)),
            ("group", new AttributeValue.Int(Halves)));
        string sum = Graph.SumOver(Graph.Reshape(result, Halves, Out / Block, Kernel * Kernel, In, Block), 0);
        return Graph.Reshape(Graph.Transpose(sum, 0, 2, 1, 3), -1);
    }

    private static AttributeValue.Ints Ints(params long[] values) => new(values);
}
