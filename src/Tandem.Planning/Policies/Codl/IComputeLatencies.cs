using Tandem.Prediction.Codl;

namespace Tandem.Planning.Policies.Codl;

/// <summary>How long one processor computes kernels and what sharing costs it: what CoDL's planning rests on.</summary>
internal interface IComputeLatencies
{
    /// <summary>What a slice costs besides computing.</summary>
    SharingCosts Sharing { get; }

    /// <summary>How long a kernel or a part of one is computed, in milliseconds.</summary>
    double ComputeMs(in KernelShape shape);
}

/// <summary>Latencies by CoDL's predictor.</summary>
internal sealed class BlockLatencies(CodlPredictor predictor) : IComputeLatencies
{
    public SharingCosts Sharing => predictor.Sharing;

    public double ComputeMs(in KernelShape shape) => predictor.ComputeMs(shape);
}

/// <summary>
/// Latencies from operations alone: all kernels at the speed of the whole network on this processor. What CoDL compares its
/// predictor with, and what makes a ratio the same for every layer.
/// </summary>
internal sealed class OperationLatencies(SharingCosts sharing, double msPerOperation) : IComputeLatencies
{
    public SharingCosts Sharing => sharing;

    public double ComputeMs(in KernelShape shape) => shape.Work * msPerOperation;
}
