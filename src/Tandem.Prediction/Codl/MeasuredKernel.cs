namespace Tandem.Prediction.Codl;

/// <summary>A kernel, or a part of one, that was measured alone.</summary>
/// <param name="Key">The key of the sample.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Ms">The measured latency, launch and sharing included, in milliseconds.</param>
/// <param name="Part">The part of the kernel's output, up to 1.</param>
/// <param name="WholeMs">The latency of the whole kernel, in milliseconds.</param>
/// <param name="RowBytes">Bytes of rows that were gathered and scattered; 0 where nothing was divided by rows.</param>
/// <param name="Spread">How far the 10th or the 90th percentile of the runs lies from the median, as a part of it: what no predictor can know.</param>
public sealed record MeasuredKernel(
    string Key, KernelShape Shape, double Ms, double Part, double WholeMs, double RowBytes, double Spread)
{
    /// <summary>Bytes whose layout is changed on the way in and out.</summary>
    public double BoundaryBytes => Shape.HasOwnLayout ? sizeof(float) * (Shape.Inputs + Shape.Outputs) : 0;
}

/// <summary>What was measured of one network on one processor.</summary>
/// <param name="Name">The network's name.</param>
/// <param name="Kernels">Every distinct kernel and part of a kernel that was measured.</param>
/// <param name="KernelCount">How many kernels it has.</param>
/// <param name="SumMs">
/// The sum of its kernels alone, in milliseconds, each by its 10th percentile: sum and whole are compared, and what else the machine
/// did while one of them was measured would be taken for a difference.
/// </param>
/// <param name="WholeMs">The network in one piece, likewise; null where that, or one of the kernels, was not measured.</param>
/// <param name="InnerBytes">Bytes that kernels with a layout of their own read and write alone, but the network in one piece keeps inside.</param>
public sealed record MeasuredNetwork(
    string Name, IReadOnlyList<MeasuredKernel> Kernels, int KernelCount, double SumMs, double? WholeMs, double InnerBytes);
