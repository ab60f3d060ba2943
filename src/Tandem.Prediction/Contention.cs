using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Prediction;

/// <summary>
/// How much longer a step takes because other processors use the same memory meanwhile. Its time is divided into what its bytes take
/// at the memory's speed and the rest; each part grows by what was measured of such work.
/// </summary>
internal sealed class Contention(Network network, Profile profile)
{
    // Kernels whose data fit a core's own caches do not wait for the memory that processors share.
    private const double CachedBytes = 1 << 20;
    private const double DefaultReadGigabytesPerSecond = 10;

    /// <summary>The factor for a step, 1 or more; 1 where contention was not measured.</summary>
    /// <param name="processorKey">The processor.</param>
    /// <param name="slice">What the step computes.</param>
    /// <param name="partOf">The part of a kernel that the slice computes.</param>
    /// <param name="aloneMs">How long it takes alone, in milliseconds.</param>
    public double Factor(string processorKey, SliceSpec slice, Func<Kernel, double> partOf, double aloneMs)
    {
        double memory = profile.Cost(processorKey, CostNames.MemoryContention, 1);
        double compute = profile.Cost(processorKey, CostNames.ComputeContention, 1);
        if ((memory <= 1 && compute <= 1) || !(aloneMs > 0))
        {
            return 1;
        }
        double bytes = 0;
        for (int k = slice.Kernels.First; k < slice.Kernels.End; k++)
        {
            double own = Bytes(network.Kernels[k], slice.Axis, partOf(network.Kernels[k]));
            bytes += own > CachedBytes ? own : 0;
        }
        double bytesPerMs = 1e6 * profile.Cost(CostNames.Memory, CostNames.ReadBandwidth, DefaultReadGigabytesPerSecond);
        double waiting = Math.Min(1, bytes / bytesPerMs / aloneMs);
        return 1 + waiting * (Math.Max(1, memory) - 1) + (1 - waiting) * (Math.Max(1, compute) - 1);
    }

    private double Bytes(Kernel kernel, SliceAxis axis, double part)
    {
        Graph graph = network.Graph;
        double activations = kernel.Inputs.Concat(kernel.Outputs).Sum(t => (double)graph.Tensors[t].SizeInBytes);
        double weights = kernel.Operators.SelectMany(op => op.Inputs).Distinct()
            .Sum(input => graph.Constants.TryGetValue(input, out Constant? constant) ? (double)constant.Tensor.SizeInBytes : 0);
        return activations * part + weights * (axis == SliceAxis.Rows ? 1 : part);
    }
}
