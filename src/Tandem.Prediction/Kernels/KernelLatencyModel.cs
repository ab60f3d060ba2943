using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>How long the kernels of one family take on one processor: a law whose unit times are learned, and by how much kernels deviate from it.</summary>
public sealed class KernelLatencyModel
{
    // Too few samples to learn deviations from.
    private const int LeastForDeviations = 8;

    // Another law must explain the samples better than the plainer one by this factor.
    private const double LeastGain = 0.97;

    // Latencies near the resolution of clocks and caches scatter more: the variance of a sample of this length is doubled.
    private const double ScatterMs = 0.01;
    private const double MostScatter = 10;
    private const double LeastMs = 1e-4;
    private const double SpreadWithoutMap = 0.3;

    private readonly ConvolutionLaw _law;
    private readonly float[] _unitMs;
    private readonly DeviationMap? _deviations;

    private KernelLatencyModel(string family, int sampleCount, ConvolutionLaw law, float[] unitMs, DeviationMap? deviations)
    {
        (Family, SampleCount, _law, _unitMs, _deviations) = (family, sampleCount, law, unitMs, deviations);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        Write(writer);
        SizeInBytes = (int)stream.Length;
    }

    /// <summary>The family, such as "conv 1x1" or "pooling".</summary>
    public string Family { get; }

    /// <summary>How many samples it was fitted to.</summary>
    public int SampleCount { get; }

    /// <summary>What is stored of it, in bytes.</summary>
    public int SizeInBytes { get; }

    /// <summary>The latency of a kernel.</summary>
    public Latency Predict(in KernelConfiguration kernel)
    {
        double ms = LawMs(kernel);
        if (_deviations is null)
        {
            return new Latency(ms, SpreadWithoutMap * ms);
        }
        Span<float> features = stackalloc float[KernelFeatures.Width];
        KernelFeatures.Fill(kernel, features);
        (double mean, double variance) = _deviations.At(features);
        ms *= Math.Exp(mean);
        return new Latency(ms, ms * Math.Sqrt(variance));
    }

    /// <summary>The latency by the law alone, in milliseconds.</summary>
    internal double LawMs(in KernelConfiguration kernel)
    {
        Span<double> terms = stackalloc double[KernelWork.Count];
        KernelWork.Fill(kernel, _law, terms);
        double sum = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            sum += terms[i] * _unitMs[i];
        }
        return Math.Max(LeastMs, sum);
    }

    /// <summary>Fits the law alone.</summary>
    internal static KernelLatencyModel FitLaw(string family, IReadOnlyList<(KernelConfiguration Kernel, double Ms)> samples)
    {
        (float[] unitMs, double error) = Regress(ConvolutionLaw.Direct, samples);
        if (family == "conv 3x3")
        {
            (float[] winogradMs, double winogradError) = Regress(ConvolutionLaw.Winograd, samples);
            if (winogradError < LeastGain * error)
            {
                return new(family, samples.Count, ConvolutionLaw.Winograd, winogradMs, null);
            }
        }
        return new(family, samples.Count, ConvolutionLaw.Direct, unitMs, null);
    }

    /// <summary>The same law with the deviations of samples from it.</summary>
    internal KernelLatencyModel WithDeviations(IReadOnlyList<(KernelConfiguration Kernel, double Ms)> samples)
    {
        if (samples.Count < LeastForDeviations)
        {
            return this;
        }
        var features = new float[samples.Count][];
        for (int i = 0; i < features.Length; i++)
        {
            features[i] = new float[KernelFeatures.Width];
            KernelFeatures.Fill(samples[i].Kernel, features[i]);
        }
        double[] deviations = [.. samples.Select(s => Math.Log(s.Ms / LawMs(s.Kernel)))];
        double[] noise = [.. samples.Select(s => 1 + Math.Min(MostScatter, ScatterMs / s.Ms))];
        return new(Family, samples.Count, _law, _unitMs, DeviationMap.Fit(features, deviations, noise));
    }

    /// <summary>Writes the model.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Family);
        writer.Write(SampleCount);
        writer.Write((byte)_law);
        foreach (float unit in _unitMs)
        {
            writer.Write(unit);
        }
        writer.Write(_deviations is not null);
        _deviations?.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static KernelLatencyModel Read(BinaryReader reader) => new(
        reader.ReadString(),
        reader.ReadInt32(),
        (ConvolutionLaw)reader.ReadByte(),
        [.. Enumerable.Range(0, KernelWork.Count).Select(_ => reader.ReadSingle())],
        reader.ReadBoolean() ? DeviationMap.Read(reader) : null);

    private static (float[] UnitMs, double Error) Regress(
        ConvolutionLaw law, IReadOnlyList<(KernelConfiguration Kernel, double Ms)> samples)
    {
        var terms = new double[samples.Count][];
        for (int i = 0; i < terms.Length; i++)
        {
            terms[i] = new double[KernelWork.Count];
            KernelWork.Fill(samples[i].Kernel, law, terms[i]);
        }
        (double[] unitMs, double error) = UnitTimeRegression.Fit(terms, [.. samples.Select(s => s.Ms)]);
        return ([.. unitMs.Select(u => (float)u)], error);
    }
}
