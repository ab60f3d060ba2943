using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Compares F(4x4, 3x3) with the blocked convolution by estimates in clock cycles of a core that does one multiply-add of 16
/// lanes in each. The constants were fitted to measurements (Zen 4). Small planes, such as 7 x 7, are left to other algorithms:
/// transforming weights costs more than it saves there.
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

    // Transforming 16 output channels of an input channel, storing that and reading it again.
    private const double CyclesOfWeightTransform = 350;

    // What it must save for the loss of accuracy and, where weights are transformed beforehand, four times the memory for them.
    private const double Worthwhile = 0.9;

    /// <summary>Whether F(4x4, 3x3) is worth it.</summary>
    internal static bool IsFaster(ConvolutionCall call, int workers) =>
        Winograd(call, WinogradTiling.Of(call.Output, workers), workers) < Worthwhile * Blocked(call);

    private static double Blocked(ConvolutionCall call) =>
        (double)call.Output.Rows * call.Output.Columns * call.Depth * Vectors(call) / BlockedEfficiency
        + WeightBytes(call, call.Depth) / WeightBytesPerCycle;

    private static double Winograd(ConvolutionCall call, WinogradTiling tiling, int workers)
    {
        double tiles = (double)tiling.Chunks * tiling.Blocks * tiling.Block;
        double products = WinogradTiling.PointsOfTile * Math.Min(tiles, tiling.Tiles * 1.1) * call.GroupIn * Vectors(call);
        double transforms = tiling.Tiles * (call.GroupIn * CyclesOfInputTile + Vectors(call) * CyclesOfOutputTile);
        return products + transforms + (tiling.TransformsWeights(workers) ? TransformedInKernel(call) : TransformedBefore(call, tiling));
    }

    private static double TransformedInKernel(ConvolutionCall call) =>
        call.GroupIn * Vectors(call) * CyclesOfWeightTransform + WeightBytes(call, call.Depth) / WeightBytesPerCycle;

    private static double TransformedBefore(ConvolutionCall call, WinogradTiling tiling)
    {
        double weights = WeightBytes(call, WinogradTiling.PointsOfTile * call.GroupIn);
        double again = weights <= CachedWeightBytes ? CachedWeightBytesPerCycle : WeightBytesPerCycle;
        return weights / WeightBytesPerCycle + weights * (tiling.Chunks - 1) / again;
    }

    private static double WeightBytes(ConvolutionCall call, double perOutput) =>
        sizeof(float) * perOutput * WinogradWeights.PaddedChannels(call);

    private static double Vectors(ConvolutionCall call) => Grids.Blocks(call.GroupOut, WinogradWeights.HalfTile);
}
