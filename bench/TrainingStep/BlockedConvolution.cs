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
    /// each of the four interleaved grids of pixels has a convolution of its own, with the taps that reach it.
    /// </summary>
    /// <param name="g">Gradient of the output.</param>
    /// <param name="w">The weights.</param>
    /// <param name="sum">What is added: with stride 1 to the result, else to its even rows and columns. Null for nothing.</param>
    public string InputGradient(string g, string w, string? sum = null)
    {
        string exchanged = Graph.Transpose(
            Graph.Reshape(w, OutBlocks, InBlocks, Kernel, Kernel, Block * Block), 1, 0, 2, 3, 4);
        exchanged = Graph.Transpose(Graph.Reshape(exchanged, -1, Block, Block), 0, 2, 1);
        exchanged = Graph.Reshape(exchanged, InBlocks, OutBlocks, Kernel, Kernel, Block * Block);
        if (Stride == 1 || Kernel == 1)
        {
            string turned = Kernel == 1 ? exchanged : Taps(exchanged, [2, 1, 0], [2, 1, 0]);
            return Convolve(g, Graph.Reshape(turned, In, Out, Kernel, Kernel), Kernel / 2, 1, sum);
        }
        string[] rows = new string[2];
        for (int row = 0; row < 2; row++)
        {
            string even = Grid(g, exchanged, row, 0, row == 0 ? sum : null);
            rows[row] = Graph.Join(Graph.Reshape(even, -1, Block), Graph.Reshape(Grid(g, exchanged, row, 1, null), -1, Block));
        }
        long length = Extent * Block;
        string pixels = Graph.Join(Graph.Reshape(rows[0], -1, length), Graph.Reshape(rows[1], -1, length));
        return Graph.Reshape(pixels, Batch, In, Extent, Extent);
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
        string filter = Graph.TransposeRows(
            g, [halves, Batch / Block / halves, Block, OutBlocks, OutExtent * OutExtent], [0, 3, 1, 4, 2], Block);
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
        string ordered = x;
        if (Extent > extent)
        {
            long step = Extent / extent;
            ordered = Graph.Slice(
                Graph.Reshape(x, Batch, InBlocks, Extent, Extent, Block), [0, 0], [Extent, Extent], [2, 3], [step, step]);
        }
        long columns = extent * Block;
        if (InBlocks > 1)
        {
            ordered = Graph.TransposeRows(ordered, [Batch, InBlocks, extent], [0, 2, 1], columns);
        }
        if (Kernel > 1)
        {
            string zeros = Graph.Filled(0, Batch * extent * InBlocks, Block);
            ordered = Graph.Reshape(ordered, -1, columns);
            ordered = stride == 1 ? Graph.Join(zeros, ordered, zeros) : Graph.Join(zeros, ordered);
            columns += stride == 1 ? 2 * Block : Block;
        }
        return Graph.AddBlocked("ReorderInput", [Graph.Reshape(ordered, 1, Batch, extent * InBlocks, columns)]);
    }

    /// <summary>The gradient of the pixels in even or odd rows and columns of the input.</summary>
    private string Grid(string g, string weights, int row, int column, string? sum)
    {
        int[] rowTaps = row == 0 ? [1] : [2, 0];
        int[] columnTaps = column == 0 ? [1] : [2, 0];
        string taps = Graph.Reshape(Taps(weights, rowTaps, columnTaps), In, Out, rowTaps.Length, columnTaps.Length);
        return Graph.AddBlocked(
            "Conv", sum is null ? [g, taps] : [g, taps, "", sum],
            ("kernel_shape", Ints(rowTaps.Length, columnTaps.Length)), ("pads", Ints(0, 0, row, column)));
    }

    private string Taps(string weights, int[] rows, int[] columns)
    {
        const long BeforeFirst = long.MinValue;
        const long All = long.MaxValue;
        static (long Start, long End, long Step) Range(int[] taps) =>
            taps.Length == 1 ? (taps[0], taps[0] + 1, 1) : (taps[0], taps[^1] == 0 ? BeforeFirst : All, taps[1] - taps[0]);
        (long Start, long End, long Step) r = Range(rows);
        (long Start, long End, long Step) c = Range(columns);
        return Graph.Slice(weights, [r.Start, c.Start], [r.End, c.End], [2, 3], [r.Step, c.Step]);
    }

    private string Convolve(string x, string w, long pad, long stride, string? sum = null) => Graph.AddBlocked(
        "Conv", sum is null ? [x, w] : [x, w, "", sum],
        ("kernel_shape", Ints(Kernel, Kernel)), ("pads", Ints(pad, pad, pad, pad)), ("strides", Ints(stride, stride)));

    private static AttributeValue.Ints Ints(params long[] values) => new(values);
}
