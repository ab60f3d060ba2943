using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>How an engine computes convolutions with a 3 x 3 window and a stride of 1.</summary>
internal enum ConvolutionLaw
{
    /// <summary>As matrix products, like any other.</summary>
    Direct,

    /// <summary>By Winograd's F(4x4, 3x3), by F(2x2, 3x3) on small planes, or directly: what takes the fewest operations.</summary>
    Winograd,
}

/// <summary>
/// What a kernel consists of, in units whose time is learned: CoDL's Table 1, with what is read and written told apart by the cache
/// it fits in. The latency is the sum of the terms, each times its unit time.
/// </summary>
/// <remarks>Winograd's tiles, chunks and reading of transformed weights are those of <c>cpu_winograd.cl</c>.</remarks>
internal static class KernelWork
{
    /// <summary>How many terms there are.</summary>
    public const int Count = 12;

    private const double Lanes = 16;

    // Bytes that stay in a core's own caches; beyond, elements take longer. Usual sizes of the first and second level together.
    private const double NearBytes = 1 << 18;
    private const double FarBytes = 1 << 20;

    // A chunk of F(4x4, 3x3), in tiles; transforms in products of vectors (see WinogradCost of the OpenCL kernels).
    private const double TilesPerChunk = 64;
    private const double InputTransform = 35;
    private const double OutputTransform = 300;
    private const double LeastSaving = 1.1;

    /// <summary>Counts the terms of a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="law">How 3 x 3 windows are computed.</param>
    /// <param name="terms">Gets <see cref="Count"/> numbers.</param>
    public static void Fill(in KernelConfiguration kernel, ConvolutionLaw law, Span<double> terms)
    {
        KernelShape s = kernel.Shape;
        double pixels = (double)s.Batch * s.Rows * s.Columns;
        double window = s.WindowRows * s.WindowColumns;
        double ends = s.Inputs + s.Outputs;
        double vectors = s.Groups * Math.Ceiling((double)s.Channels / s.Groups / Lanes);
        double products = pixels * s.Depth * window * vectors;
        bool isWinograd = law == ConvolutionLaw.Winograd && s is { WindowRows: 3, WindowColumns: 3, StrideRows: 1, Groups: 1, Depth: > 8 };
        double main = isWinograd ? Math.Min(products, WinogradProducts(s, vectors)) : products;
        terms[0] = main;
        terms[1] = s.Outputs * s.Depth * window;
        terms[2] = s.Weights > 0 ? pixels * window * s.Depth * s.Groups : 0;
        terms[3] = s.Outputs;
        terms[4] = s.Inputs;
        terms[5] = s.Weights;
        terms[6] = kernel.IsDividedByRows ? ends : 0;
        terms[7] = (double)s.Batch * s.Rows * s.Channels;
        terms[8] = 1;
        terms[9] = ends * sizeof(float) > NearBytes ? ends : 0;
        terms[10] = ends * sizeof(float) > FarBytes ? ends : 0;
        terms[11] = (double)s.Weights * sizeof(float) > FarBytes ? (s.Outputs > s.Channels ? main : s.Weights) : 0;
    }

    /// <summary>Winograd's work in products of vectors, transforms and reading of weights included.</summary>
    private static double WinogradProducts(in KernelShape s, double vectors)
    {
        double large = s.Batch * Math.Ceiling(s.Rows / 4.0) * Math.Ceiling(s.Columns / 4.0);
        double read = 36 * s.Depth * vectors * (Lanes * sizeof(float) / 4) * Math.Max(1, 0.25 * large / TilesPerChunk);
        double byFour = 36 * large * s.Depth * vectors + large * (s.Depth * InputTransform + vectors * OutputTransform) + read;
        double small = Math.Ceiling(s.Batch * Math.Ceiling(s.Rows / 2.0) * Math.Ceiling(s.Columns / 2.0) / 8) * 8;
        double byTwo = 16 * small * s.Depth * vectors + 16 * s.Depth * vectors * Lanes;
        return LeastSaving * (s.Rows <= 8 && s.Columns <= 8 ? Math.Min(byTwo, byFour) : byFour);
    }
}
