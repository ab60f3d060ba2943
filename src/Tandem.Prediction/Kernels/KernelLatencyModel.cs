using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>How long the kernels of one family take on one processor: a law whose unit times are learned, and by how much kernels deviate from it.</summary>
public sealed class KernelLatencyModel
{
    // Too few samples to learn deviations from.
    internal const int LeastForDeviations = 8;

    // Latencies near the resolution of clocks and caches scatter more: the variance of a sample of this length is doubled.
    private const double ScatterMs = 0.01;
    private const double MostScatter = 10;
    private const double LeastMs = 1e-4;
    private const double SpreadWithoutMap = 0.3;

    private readonly ConvolutionEngine _engine;
    private readonly float[] _unitMs;
    private readonly DeviationMap? _deviations;

    private KernelLatencyModel(string family, int sampleCount, ConvolutionEngine engine, float[] unitMs, DeviationMap? deviations)
    {
        (Family, SampleCount, _engine, _unitMs, _deviations) = (family, sampleCount, engine, unitMs, deviations);
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
        KernelFeatures.Fill(kernel, ConvolutionPaths.Of(kernel.Shape, _engine), features);
        (double mean, double variance) = _deviations.At(features);
        ms *= Math.Exp(mean);
        return new Latency(ms, ms * Math.Sqrt(variance));
    }

    /// <summary>The latency by the law alone, in milliseconds.</summary>
    internal double LawMs(in KernelConfiguration kernel)
    {
        Span<double> terms = stackalloc double[KernelWork.Count];
        KernelWork.Fill(kernel, ConvolutionPaths.Of(kernel.Shape, _engine), terms);
        double sum = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            sum += terms[i] * _unitMs[i];
        }
        return Math.Max(LeastMs, sum);
    }

    /// <summary>How far the law is from its samples: the mean relative error.</summary>
    internal double LawError { get; private init; }

    /// <summary>Fits the law alone.</summary>
    internal static KernelLatencyModel FitLaw(
        string family, ConvolutionEngine engine, IReadOnlyList<(KernelConfiguration Kernel, double Ms)> samples)
    {
        (float[] unitMs, double error) = Regress(engine, samples);
        return new(family, samples.Count, engine, unitMs, null) { LawError = error };
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
            KernelFeatures.Fill(samples[i].Kernel, ConvolutionPaths.Of(samples[i].Kernel.Shape, _engine), features[i]);
        }
        double[] deviations = [.. samples.Select(s => Math.Log(s.Ms / LawMs(s.Kernel)))];
        double[] noise = [.. samples.Select(s => 1 + Math.Min(MostScatter, ScatterMs / s.Ms))];
        return new(Family, samples.Count, _engine, _unitMs, DeviationMap.Fit(features, deviations, noise));
    }

    /// <summary>Writes the model.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.Write(Family);
        writer.Write(SampleCount);
        writer.Write((byte)_engine);
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
        (ConvolutionEngine)reader.ReadByte(),
        [.. Enumerable.Range(0, KernelWork.Count).Select(_ => reader.ReadSingle())],
        reader.ReadBoolean() ? DeviationMap.Read(reader) : null);

    private static (float[] UnitMs, double Error) Regress(
        ConvolutionEngine engine, IReadOnlyList<(KernelConfiguration Kernel, double Ms)> samples)
    {
        var terms = new double[samples.Count][];
        for (int i = 0; i < terms.Length; i++)
        {
            terms[i] = new double[KernelWork.Count];
            KernelWork.Fill(samples[i].Kernel, ConvolutionPaths.Of(samples[i].Kernel.Shape, engine), terms[i]);
        }
        (double[] unitMs, double error) = UnitTimeRegression.Fit(terms, [.. samples.Select(s => s.Ms)]);
        return ([.. unitMs.Select(u => (float)u)], error);
    }
}
