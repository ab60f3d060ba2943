using Tandem.Graphs;

namespace Tandem.Bench.TrainingStep;

/// <summary>
/// A convolution (3x3 padded by 1, or 1x1) and its two gradients in ONNX Runtime's blocked layout. Activations lie as [N][C/16][H][W][16],
/// weights as [O/16][I/16][kh][kw][16 of I][16 of O]; a constant of the model may not be needed, so weights can change from step to step.
/// </summary>
/// <param name="Graph">Where operators are added.</param>
/// <param name="Batch">Images; a multiple of 32.</param>
/// <param name="In">Input channels; a multiple of 16.</param>
/// <param name="Out">Output channels; a multiple of 16.</param>
/// <param name="Extent">Rows and columns of the input.</param>
/// <param name="Kernel">1 or 3.</param>
/// <param name="Stride">1 or 2.</param>
internal sealed record BlockedConvolution(StepGraph Graph, long Batch, long In, long Out, long Extent, long Kernel, long Stride)
{
    /// <summary>Channels side by side.</summary>
    public const long Block = 16;

    /// <summary>Rows and columns of the output.</summary>
    public long OutExtent => Extent / Stride;

    private long InBlocks => In / Block;

    private long OutBlocks => Out / Block;

    /// <summary>The convolution.</summary>
    public string Forward(string x, string w) =>
        Convolve(x, Graph.Reshape(w, Out, In, Kernel, Kernel), Kernel / 2, Stride);

    /// <summary>
    /// The gradient of the input: a convolution with the weights turned by 180 degrees, input and output channels exchanged. With stride 2
    /// the output's gradient first gets zeros between its pixels.
    /// </summary>
    /// <param name="g">Gradient of the output.</param>
    /// <param name="w">The weights.</param>
    /// <param name="sum">What is added to the result; null for nothing.</param>
    public string InputGradient(string g, string w, string? sum = null)
    {
        string turned = Graph.Transpose(Graph.Reshape(w, OutBlocks, InBlocks, Kernel * Kernel, Block, Block), 1, 0, 2, 4, 3);
        if (Kernel > 1)
        {
            turned = Graph.Add("Slice", [turned, Graph.Integers(-1), Graph.Integers(long.MinValue), Graph.Integers(2), Graph.Integers(-1)]);
        }
        turned = Graph.Reshape(turned, In, Out, Kernel, Kernel);
        bool spreadsFirst = Stride > 1 && Kernel > 1;
        string result = Convolve(spreadsFirst ? Spread(g, Out) : g, turned, Kernel / 2, 1, sum);
        return Stride > 1 && !spreadsFirst ? Spread(result, In) : result;
    }

    /// <summary>
    /// The gradient of the weights, as a vector in the weights' order, by one convolution: images take the place of channels, and the
    /// output's gradient that of the weights. In the order [rows][columns][channels] a shift by one column is one by 16 places, so a window
    /// dilated by 16 moves over all shifts and input channels in steps of one place.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="g">Gradient of the output.</param>
    public string WeightGradient(string x, string g)
    {
        long stride = Kernel == 1 ? 1 : Stride;
        long extent = OutExtent * stride;
        // Two threads share output rows; where their number is odd, each takes one half of the images.
        long halves = InBlocks % 2 == 0 ? 1 : 2;
        string filter = Graph.Transpose(
            Graph.Reshape(g, halves, Batch / Block / halves, Block, OutBlocks, OutExtent * OutExtent, Block), 0, 3, 1, 4, 2, 5);
        filter = Graph.Reshape(filter, halves * Out, Batch / halves, OutExtent, OutExtent);
        long above = (Kernel / 2) * InBlocks;
        string result = Graph.AddBlocked(
            "Conv", [ImagesAsChannels(x, extent, stride), filter],
            ("kernel_shape", Ints(OutExtent, OutExtent)), ("dilations", Ints(InBlocks * stride, Block * stride)),
            ("pads", Ints(above, 0, stride == 1 ? above : 0, 0)), ("group", new AttributeValue.Int(halves)));
        if (halves > 1)
        {
            result = Graph.SumOver(Graph.Reshape(result, halves, Out * In * Kernel * Kernel), 0);
        }
        if (InBlocks > 1 && Kernel > 1)
        {
            result = Graph.Transpose(Graph.Reshape(result, OutBlocks, Kernel, InBlocks, Kernel * Block * Block), 0, 2, 1, 3);
        }
        return Graph.Reshape(result, -1);
    }

    /// <summary>The input as [N/16][rows, blocks of channels][columns, channels][16 images], with zeros left and right of the columns.</summary>
    private string ImagesAsChannels(string x, long extent, long stride)
    {
        string ordered = Graph.Reshape(x, Batch, InBlocks, Extent, Extent, Block);
        if (Extent > extent)
        {
            long step = Extent / extent;
            ordered = Graph.Add(
                "Slice", [ordered, Graph.Integers(0, 0), Graph.Integers(Extent, Extent), Graph.Integers(2, 3), Graph.Integers(step, step)]);
        }
        if (InBlocks > 1)
        {
            ordered = Graph.Transpose(ordered, 0, 2, 1, 3, 4);
        }
        long columns = extent * Block;
        if (Kernel > 1)
        {
            long right = stride == 1 ? Block : 0;
            ordered = Graph.Pad(Graph.Reshape(ordered, Batch * extent * InBlocks, columns), 0, Block, 0, right);
            columns += Block + right;
        }
        return Graph.AddBlocked("ReorderInput", [Graph.Reshape(ordered, 1, Batch, extent * InBlocks, columns)]);
    }

    /// <summary>Puts a row of zeros after each row, and a zero after each pixel.</summary>
    private string Spread(string tensor, long channels)
    {
        long rows = Batch * channels / Block * OutExtent;
        string spread = Graph.Pad(Graph.Reshape(tensor, rows, 1, OutExtent, Block), 0, 0, 0, 0, 0, 1, 0, Block);
        return Graph.Reshape(spread, Batch, channels, Extent, Extent);
    }

    private string Convolve(string x, string w, long pad, long stride, string? sum = null) => Graph.AddBlocked(
        "Conv", sum is null ? [x, w] : [x, w, "", sum],
        ("kernel_shape", Ints(Kernel, Kernel)), ("pads", Ints(pad, pad, pad, pad)), ("strides", Ints(stride, stride)));

    private static AttributeValue.Ints Ints(params long[] values) => new(values);
}
