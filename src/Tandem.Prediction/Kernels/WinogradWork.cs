using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// What Winograd's F(4x4, 3x3) and the blocked convolution take by the OpenCL kernels' own estimate, in clock cycles: whichever is less is
/// compiled (<c>WinogradCost</c> and <c>WinogradTiling</c> of the OpenCL processor, for one worker).
/// </summary>
internal static class WinogradWork
{
    private const int Outputs = 4;
    private const int Points = 36;
    private const int TilesPerChunk = 64;
    private const double BlockedEfficiency = 0.8;
    private const double CyclesOfInputTile = 35;
    private const double CyclesOfOutputTile = 300;
    private const double WeightBytesPerCycle = 4;
    private const double CachedWeightBytes = 768 << 10;
    private const double CachedWeightBytesPerCycle = 24;
    private const double CyclesOfWeightTransform = 350;
    private const double Worthwhile = 0.9;

    /// <summary>Tiles of so many outputs on each axis that cover the plane.</summary>
    public static double Tiles(in KernelShape s, int outputs) =>
        Math.Ceiling((double)s.Rows / outputs) * Math.Ceiling((double)s.Columns / outputs);

    /// <summary>Vectors of output channels of a group.</summary>
    public static double Vectors(in KernelShape s) => Math.Ceiling((double)s.Channels / s.Groups / ConvolutionPaths.Lanes);

    /// <summary>Whether F(4x4, 3x3) is taken rather than the blocked convolution.</summary>
    public static bool IsFaster(in KernelShape s)
    {
        double vectors = Vectors(s);
        double blocked = (double)s.Rows * s.Columns * s.Depth * 9 * vectors / BlockedEfficiency
            + sizeof(float) * s.Depth * 9.0 * vectors * ConvolutionPaths.Lanes / WeightBytesPerCycle;
        double tiles = Tiles(s, Outputs);
        double winograd = Points * ComputedTiles(s) * s.Depth * vectors
            + tiles * (s.Depth * CyclesOfInputTile + vectors * CyclesOfOutputTile)
            + (TransformsWeights(s) ? TransformedInKernel(s, vectors) : TransformedBefore(s, vectors));
        return winograd < Worthwhile * blocked;
    }

    /// <summary>Whether the kernel transforms the weights, because it reads them once only, rather than reading transformed ones.</summary>
    public static bool TransformsWeights(in KernelShape s) => Chunks(s) <= 1;

    private static double TransformedInKernel(in KernelShape s, double vectors) => s.Depth * vectors * CyclesOfWeightTransform
        + sizeof(float) * 9.0 * s.Depth * vectors * ConvolutionPaths.Lanes / WeightBytesPerCycle;

    private static double TransformedBefore(in KernelShape s, double vectors)
    {
        double weights = sizeof(float) * (double)Points * s.Depth * vectors * ConvolutionPaths.Lanes;
        double again = weights <= CachedWeightBytes ? CachedWeightBytesPerCycle : WeightBytesPerCycle;
        return weights / WeightBytesPerCycle + weights * (Chunks(s) - 1) / again;
    }

    /// <summary>Chunks of tiles that are transformed together; the weights are read for each.</summary>
    public static double Chunks(in KernelShape s)
    {
        (long rows, long columns) = Chunk(s);
        return Math.Ceiling(Math.Ceiling((double)s.Rows / Outputs) / rows) * Math.Ceiling(Math.Ceiling((double)s.Columns / Outputs) / columns);
    }

    /// <summary>Tiles that are multiplied, those in vain included.</summary>
    public static double ComputedTiles(in KernelShape s)
    {
        (long rows, long columns) = Chunk(s);
        double computed = Chunks(s) * ConvolutionPaths.Padded(rows * columns, BestBlock((int)(rows * columns)));
        return Math.Min(computed, Tiles(s, Outputs) * 1.1);
    }

    private static (long Rows, long Columns) Chunk(in KernelShape s)
    {
        long rows = (s.Rows + Outputs - 1) / Outputs, columns = (s.Columns + Outputs - 1) / Outputs;
        long most = Math.Clamp(rows * columns, 14, TilesPerChunk);
        long chunkColumns = Even(columns, Math.Min(columns, most));
        return (Even(rows, Math.Max(1, Math.Min(rows, most / chunkColumns))), chunkColumns);
    }

    /// <summary>The greatest extent up to a limit that cuts a length into equal parts.</summary>
    private static long Even(long length, long limit)
    {
        long parts = (length + limit - 1) / limit;
        return (length + parts - 1) / parts;
    }

    private static int BestBlock(int tiles)
    {
        int best = 14, least = int.MaxValue;
        for (int block = 14; block >= 8; block -= 2)
        {
            int rest = tiles % block;
            int cost = tiles / block * (block + 1) + (rest == 0 ? 0 : Math.Max((rest + 1) / 2 * 2, 6) + 1);
            (best, least) = cost < least ? (block, cost) : (best, least);
        }
        return best;
    }
}
