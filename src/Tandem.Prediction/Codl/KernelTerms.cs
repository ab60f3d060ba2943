namespace Tandem.Prediction.Codl;

/// <summary>
/// What a kernel consists of, counted in units whose time is learned: CoDL's Table 1 as a list of products of block counts. A
/// kernel's latency is the sum of its terms, each times its unit time.
/// </summary>
/// <remarks>
/// Terms: blocks (matrix product, direct or Winograd), the same again where weights exceed a core's cache, packing (im2col or input
/// transform), output (store or output transform), weights (read once), input, rows, and the kernel itself.
/// </remarks>
internal static class KernelTerms
{
    /// <summary>How many terms there are.</summary>
    public const int Count = 8;

    // Weights that do not fit a core's second-level cache are streamed for every panel of pixels.
    private const double CachedWeights = (1 << 20) / sizeof(float);

    /// <summary>Counts the terms of a kernel.</summary>
    /// <param name="shape">The kernel's sizes.</param>
    /// <param name="block">How its implementation cuts them.</param>
    /// <param name="terms">Gets <see cref="Count"/> numbers.</param>
    public static void Fill(in KernelShape shape, in BlockShape block, Span<double> terms)
    {
        double blocks = block.AllBlocks(shape);
        double pixels = block.PixelBlocks(shape);
        bool isWinograd = block.WinogradTile > 0;
        double window = shape.WindowRows * shape.WindowColumns;
        // A Winograd tile of t x t outputs takes (t + 2)^2 products instead of 9 t^2.
        double volume = isWinograd ? Square(block.WinogradTile + 2) * block.Channels : (double)block.Pixels * block.Channels * window;
        double read = isWinograd ? Square(block.WinogradTile + 2) : block.Pixels * window;
        double stored = isWinograd ? Square(block.WinogradTile) * block.Channels : (double)block.Pixels * block.Channels;
        double main = blocks * volume * shape.Depth;
        terms[0] = main;
        terms[1] = shape.Weights > CachedWeights ? main : 0;
        terms[2] = shape.Weights > 0 ? pixels * read * shape.Depth * shape.Groups : 0;
        terms[3] = blocks * stored;
        terms[4] = shape.Weights;
        terms[5] = shape.Inputs;
        terms[6] = shape.Weights > 0 ? 0 : (double)shape.Batch * shape.Rows * shape.Channels;
        terms[7] = 1;
    }

    private static double Square(double x) => x * x;
}
