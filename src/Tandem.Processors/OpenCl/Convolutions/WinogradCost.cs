using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Compares F(4x4, 3x3) with the blocked convolution by estimates in clock cycles of a core that does one multiply-add of 16
/// lanes in each. The constants were fitted to measurements (Zen 4). Small planes with many channels, such as 7 x 7 with 512,
/// are left to the blocked convolution: reading 36 transformed weights instead of 9 costs more than it saves there.
/// </summary>
internal static class WinogradCost
{
    private const double BlockedEfficiency = 0.8;
    private const double CyclesOfInputTile = 35;
    private const double CyclesOfOutputTile = 300;
    private const double WeightBytesPerCycle = 4;

    // Weights that stay in the level-2 cache from chunk to chunk are read faster.
    private const double CachedWeightBytes = 768 << 10;
    private const double CachedWeightBytesPerCycle = 24;

    // What it must save for the loss of accuracy and four times the memory for weights.
    private const double Worthwhile = 0.9;

    /// <summary>Whether F(4x4, 3x3) is worth it.</summary>
    internal static bool IsFaster(ConvolutionCall call, int workers) =>
        Winograd(call, WinogradTiling.Of(call.Output, workers)) < Worthwhile * Blocked(call);

    private static double Blocked(ConvolutionCall call) =>
        (double)call.Output.Rows * call.Output.Columns * call.Depth * Vectors(call) / BlockedEfficiency
        + WeightBytes(call, call.Depth) / WeightBytesPerCycle;

    private static double Winograd(ConvolutionCall call, WinogradTiling tiling)
    {
        double tiles = (double)tiling.Chunks * tiling.Blocks * tiling.Block;
        double products = WinogradWeights.PointsOfTile * Math.Min(tiles, tiling.Tiles * 1.1) * call.GroupIn * Vectors(call);
        double transforms = tiling.Tiles * (call.GroupIn * CyclesOfInputTile + Vectors(call) * CyclesOfOutputTile);
        double weights = WeightBytes(call, WinogradWeights.PointsOfTile * call.GroupIn);
        double again = weights <= CachedWeightBytes ? CachedWeightBytesPerCycle : WeightBytesPerCycle;
        return products + transforms + weights / WeightBytesPerCycle + weights * (tiling.Chunks - 1) / again;
    }

    private static double WeightBytes(ConvolutionCall call, double perOutput) =>
        sizeof(float) * perOutput * WinogradWeights.PaddedChannels(call);

    private static double Vectors(ConvolutionCall call) => Grids.Blocks(call.GroupOut, WinogradWeights.HalfTile);
}
