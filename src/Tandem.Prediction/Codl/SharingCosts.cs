namespace Tandem.Prediction.Codl;

/// <summary>
/// What a slice costs besides computing, on one processor: CoDL's data sharing (transform, map and unmap), each linear in the
/// shared bytes, and the launch. A chain pays it once, kernels apart pay it each.
/// </summary>
/// <param name="LaunchMs">Starting a slice, mapping and unmapping its ends included, in milliseconds.</param>
/// <param name="TransformMsPerByte">
/// Changing between the shared layout and the processor's own (ONNX Runtime's blocked channels, an OpenCL image), in milliseconds for
/// each byte that enters or leaves a slice.
/// </param>
/// <param name="RowCopyMsPerByte">
/// Gathering and scattering rows, which lie in many pieces, in milliseconds for each byte of them; zero where kernels take strides.
/// </param>
public sealed record SharingCosts(double LaunchMs, double TransformMsPerByte, double RowCopyMsPerByte)
{
    private const double DefaultLaunchMicroseconds = 2;
    private const double DefaultRowCopyGigabytesPerSecond = 6;

    // Changing layouts takes less than this part of the kernels' time. A whole network that seems to save more was measured while
    // the machine was less busy than when its kernels were.
    private const double MostTransforms = 0.15;

    // Layouts are changed and rows copied at about the speed of memory: what is measured beyond this multiple of it is noise.
    private const double MostCopies = 1;

    /// <summary>What a slice pays, in milliseconds.</summary>
    /// <param name="boundaryBytes">
    /// Bytes that it reads and writes, weights not counted; 0 where no kernel has a layout of its own.
    /// </param>
    /// <param name="rowBytes">Of these, those that lie in pieces because the tensor is divided by rows.</param>
    public double SliceMs(double boundaryBytes, double rowBytes) =>
        LaunchMs + TransformMsPerByte * boundaryBytes + RowCopyMsPerByte * rowBytes;

    /// <summary>Fits the costs of a processor.</summary>
    internal static SharingCosts Fit(string processorKey, Profile profile, IReadOnlyList<MeasuredNetwork> networks)
    {
        double launchMs = profile.Cost(processorKey, CostNames.Launch, DefaultLaunchMicroseconds) / 1000;
        double gigabytesPerSecond = profile.Cost(CostNames.Memory, CostNames.RowCopy, DefaultRowCopyGigabytesPerSecond);
        double most = MostCopies / (gigabytesPerSecond * 1e6);
        return new SharingCosts(
            launchMs, Math.Clamp(TransformOf(networks, launchMs), 0, most), Math.Clamp(RowCopyOf(networks, launchMs), 0, most));
    }

    /// <summary>
    /// The regression of what a network saves against the sum of its kernels, less their launches, on the bytes that stay inside
    /// it, through the origin.
    /// </summary>
    private static double TransformOf(IReadOnlyList<MeasuredNetwork> networks, double launchMs)
    {
        double saved = 0;
        double bytes = 0;
        foreach (MeasuredNetwork network in networks)
        {
            if (network.WholeMs is { } wholeMs)
            {
                double difference = network.SumMs - wholeMs - (network.KernelCount - 1) * launchMs;
                saved += Math.Min(difference, MostTransforms * network.SumMs);
                bytes += network.InnerBytes;
            }
        }
        return bytes > 0 ? saved / bytes : 0;
    }

    /// <summary>
    /// The regression, through the origin, of what half the rows take beyond their part of the whole on the bytes of rows that
    /// they share; errors count in proportion to the latency.
    /// </summary>
    private static double RowCopyOf(IReadOnlyList<MeasuredNetwork> networks, double launchMs)
    {
        double top = 0;
        double bottom = 0;
        foreach (MeasuredKernel half in networks.SelectMany(n => n.Kernels).Where(k => k.RowBytes > 0 && k.WholeMs > 0))
        {
            double excess = half.Ms - launchMs - half.Part * (half.WholeMs - launchMs);
            double x = half.RowBytes / half.Ms;
            top += x * excess / half.Ms;
            bottom += x * x;
        }
        return bottom > 0 ? top / bottom : 0;
    }
}
