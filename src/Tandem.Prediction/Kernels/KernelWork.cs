using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// What a kernel consists of, in units whose time is learned: CoDL's Table 1, counted for the algorithm that the engine takes, with what is
/// read and written told apart by the cache it fits in. The latency is the sum of the terms, each times its unit time.
/// </summary>
internal static class KernelWork
{
    /// <summary>How many terms there are.</summary>
    public const int Count = 14;

    private const double Lanes = ConvolutionPaths.Lanes;

    // Bytes that stay in a core's own caches; beyond, elements take longer. Usual sizes of the first and second level together, and
    // a share of the last.
    private const double NearBytes = 1 << 18;
    private const double FarBytes = 1 << 20;
    private const double VeryFarBytes = 1 << 24;

    // Tiles of the algorithms: see the kernels' sources, and MLAS for ONNX Runtime's.
    private const double BlockedPixels = 14;
    private const double PointwisePixels = 48;
    private const double PointwiseChannels = 8;
    private const double BlockedPanelFloats = 512 << 8;
    private const double OrtColumns = 6;
    private const double OrtBlocks = 4;

    /// <summary>Counts the terms of a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">How it is computed.</param>
    /// <param name="terms">Gets <see cref="Count"/> numbers.</param>
    public static void Fill(in KernelConfiguration kernel, ConvolutionPath path, Span<double> terms)
    {
        KernelShape s = kernel.Shape;
        double ends = s.Inputs + s.Outputs;
        (double main, double before, double again, double wasted) = Main(s, path);
        terms[0] = main;
        terms[1] = before;
        terms[2] = wasted;
        terms[3] = s.Outputs;
        terms[4] = s.Inputs;
        terms[5] = s.Weights;
        terms[6] = kernel.IsDividedByRows ? ends : 0;
        terms[7] = (double)s.Batch * s.Rows * s.Channels;
        terms[8] = 1;
        terms[9] = ends * sizeof(float) > NearBytes ? ends : 0;
        terms[10] = ends * sizeof(float) > FarBytes ? ends : 0;
        terms[11] = (double)s.Weights * sizeof(float) > FarBytes ? again : 0;
        terms[12] = ends * sizeof(float) > VeryFarBytes ? ends : 0;
        terms[13] = (double)s.Weights * sizeof(float) <= FarBytes ? again : 0;
    }

    /// <summary>
    /// Products of vectors; what is done before or after them; weights that are read again for each chunk; and what further
    /// depends on the path.
    /// </summary>
    private static (double Main, double Before, double Again, double Wasted) Main(in KernelShape s, ConvolutionPath path)
    {
        double plane = (double)s.Rows * s.Columns;
        double pixels = s.Batch * plane;
        double window = s.WindowRows * s.WindowColumns;
        double vectors = s.Groups * Math.Ceiling((double)s.Channels / s.Groups / Lanes);
        double depth = s.Depth * window;
        double copied = pixels * depth * s.Groups;
        switch (path)
        {
            case ConvolutionPath.Blocked:
                double tiles = Math.Ceiling(plane / BlockedPixels * 2) / 2;
                double perItem = Math.Clamp(Math.Floor(BlockedPanelFloats / (BlockedPixels * depth)), 1, 16);
                return (s.Batch * tiles * BlockedPixels * depth * vectors, copied, s.Batch * Math.Ceiling(tiles / perItem) * s.Weights,
                    (s.Batch * (tiles + s.Rows)) * depth * s.Groups);
            case ConvolutionPath.Pointwise:
                return (s.Batch * ConvolutionPaths.Padded(plane, Lanes) / Lanes * s.Depth
                    * ConvolutionPaths.Padded(s.Channels, PointwiseChannels), copied, s.Batch * Math.Ceiling(plane / PointwisePixels) * s.Weights, 0);
            case ConvolutionPath.WinogradFour:
                double four = s.Batch * WinogradWork.Tiles(s, 4);
                return (36 * s.Batch * WinogradWork.ComputedTiles(s) * s.Depth * vectors, four * s.Depth * s.Groups,
                    s.Batch * WinogradWork.Chunks(s) * (WinogradWork.TransformsWeights(s) ? 1 : 4) * s.Weights,
                    four * vectors + (WinogradWork.TransformsWeights(s) ? s.Depth * vectors : 0));
            case ConvolutionPath.WinogradTwo:
                double two = s.Batch * ConvolutionPaths.Padded(WinogradWork.Tiles(s, 2), 8);
                return (16 * two * s.Depth * vectors, two * s.Depth * s.Groups, 16.0 / 9 * s.Weights, two * vectors);
            case ConvolutionPath.FirstLayer:
                double wide = s.Batch * s.Rows * ConvolutionPaths.Padded(s.Columns, 112) / Lanes;
                return (wide * depth * ConvolutionPaths.Padded(s.Channels, 4), copied, s.Batch * s.Rows * s.Weights, pixels * depth * vectors);
            case ConvolutionPath.Rows:
                double narrow = s.Batch * s.Rows * ConvolutionPaths.Padded(s.Columns, s.Channels / s.Groups <= 3 ? 64 : 32) / Lanes;
                return (narrow * depth * (s.Channels <= 3 ? 3 : ConvolutionPaths.Padded(s.Channels, 8)), copied, s.Batch * s.Rows * s.Weights,
                    pixels * depth * vectors);
            case ConvolutionPath.Depthwise:
                double columns = s.Batch * s.Rows * Math.Ceiling(s.Columns / Lanes);
                return (columns * s.Channels * window, pixels * window * Math.Ceiling(s.Channels / Lanes), columns * s.Channels,
                    (double)s.Batch * s.Rows * Math.Ceiling(s.Channels / Lanes) * window);
            case ConvolutionPath.ChannelBlocks or ConvolutionPath.ImageToBlocks:
                bool isPoint = window == 1 && s.StrideRows == 1;
                double computed = isPoint ? s.Batch * ConvolutionPaths.Padded(plane, OrtColumns) : s.Batch * s.Rows * ConvolutionPaths.Padded(s.Columns, OrtColumns);
                double rest = ConvolutionPaths.Padded(vectors / s.Groups, OrtBlocks) * s.Groups - vectors;
                return (computed * (path == ConvolutionPath.ChannelBlocks ? ConvolutionPaths.Padded(s.Depth, Lanes) : s.Depth) * window * vectors,
                    computed * depth * rest, isPoint ? s.Weights : (double)s.Batch * s.Rows * s.Weights,
                    s.Batch * s.Rows * (s.WindowColumns - 1) * depth * vectors);
            default:
                return (pixels * depth * vectors, s.Outputs * depth, s.Outputs > s.Channels ? pixels * depth * vectors : s.Weights, s.Weights > 0 ? copied : 0);
        }
    }
}
