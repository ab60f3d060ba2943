namespace Tandem.Prediction.Kernels;

/// <summary>
/// Predicts how long one processor takes for kernels that were never measured, from their configuration: for each family a law of
/// work and traffic with learned unit times (CoDL's Eq. 3), and a small Gaussian process of the deviations from it.
/// </summary>
/// <remarks>
/// Samples that were taken together share the speed that the machine had then; those speeds are learned as well and taken out, and
/// predictions are for the middle one. Immutable: used by any number of threads.
/// </remarks>
public sealed class KernelLatencyPredictor
{
    private const string AnyFamily = "any";

    // Of fewer samples than these, kernels with weights are learned together with others of their type; kernels without differ more by
    // their operators than by anything else.
    private const int LeastWithWeights = 30;

    // What one more family must explain better to be worth it, as a sum of relative errors.
    private const double ErrorOfFamily = 0.5;

    private readonly ConvolutionEngine _engine;
    private readonly Dictionary<string, KernelLatencyModel> _models;

    private KernelLatencyPredictor(ConvolutionEngine engine, IEnumerable<KernelLatencyModel> models) =>
        (_engine, _models) = (engine, models.ToDictionary(m => m.Family));

    /// <summary>The model of each family; "any" is for families that were not measured.</summary>
    public IReadOnlyCollection<KernelLatencyModel> Models => _models.Values;

    /// <summary>How long a kernel, or a part of one, takes alone, launch included, with the standard deviation that is to be expected.</summary>
    public Latency Predict(in KernelConfiguration kernel)
    {
        foreach (string family in KernelFamily.Of(kernel, _engine))
        {
            if (_models.TryGetValue(family, out KernelLatencyModel? model))
            {
                return model.Predict(kernel);
            }
        }
        return _models[AnyFamily].Predict(kernel);
    }

    /// <summary>Fits the predictor to one processor's samples.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="processorKey">The processor, whose engine may be one whose algorithms are known; empty where it is not known.</param>
    /// <exception cref="TandemException">There is no sample.</exception>
    public static KernelLatencyPredictor Fit(IEnumerable<KernelSample> samples, string processorKey = "")
    {
        KernelSample[] usable = [.. samples.Where(s => s.Milliseconds > 0)];
        if (usable.Length == 0)
        {
            throw new TandemException("there is no measured kernel to fit a predictor to: run 'tandem profile MODEL' for another network first");
        }
        ConvolutionEngine engine = EngineOf(usable, processorKey);
        MachineSpeeds speeds = MachineSpeeds.Fit(usable, engine);
        (KernelConfiguration Kernel, double Ms)[] all =
            [.. usable.Select(s => (s.Configuration, s.Milliseconds / speeds.SlownessAt(s.TakenAt)))];
        KernelLatencyModel[] models =
        [
            .. Families(all, engine).AsParallel().AsOrdered()
                .Select(f => KernelLatencyModel.FitLaw(f.Family, engine, f.Samples).WithDeviations(f.Samples)),
        ];
        return new KernelLatencyPredictor(engine, models.Append(KernelLatencyModel.FitLaw(AnyFamily, engine, all)));
    }

    /// <summary>
    /// The families with what was measured of each: every kernel's finest that has samples enough, and its type.
    /// </summary>
    private static IEnumerable<(string Family, (KernelConfiguration Kernel, double Ms)[] Samples)> Families(
        (KernelConfiguration Kernel, double Ms)[] all, ConvolutionEngine engine)
    {
        var byFamily = all
            .SelectMany(sample => KernelFamily.Of(sample.Kernel, engine).Select(family => (family, sample)))
            .GroupBy(pair => pair.family, pair => pair.sample)
            .ToDictionary(family => family.Key, family => family.ToArray());
        HashSet<string> used = [];
        foreach (KernelConfiguration kernel in all.Select(sample => sample.Kernel))
        {
            string[] families = [.. KernelFamily.Of(kernel, engine)];
            int least = kernel.Shape.Weights > 0 ? LeastWithWeights : KernelLatencyModel.LeastForDeviations;
            int finest = Array.FindIndex(families, family => byFamily[family].Length >= least);
            // A type of which little was measured is still nearer than all types together.
            used.Add(finest < 0 ? families[^1] : families[finest]);
            // Others of the type may take an algorithm that was not measured.
            used.Add(families[^1]);
        }
        return used.Select(family => (family, byFamily[family]));
    }

    /// <summary>
    /// The engine whose algorithms explain the samples of convolutions best, of those that it can be: OpenCL has other kernels on GPUs, and ONNX Runtime
    /// no blocks of channels on processors without wide vectors.
    /// </summary>
    private static ConvolutionEngine EngineOf(KernelSample[] samples, string processorKey)
    {
        (KernelConfiguration Kernel, double Ms)[] convolutions =
            [.. samples.Where(s => s.Configuration.Shape.Weights > 0).Select(s => (s.Configuration, s.Milliseconds))];
        IEnumerable<ConvolutionEngine> possible = processorKey.StartsWith("opencl", StringComparison.Ordinal)
            ? [ConvolutionEngine.Unknown, ConvolutionEngine.OpenClOnCpu]
            : processorKey.StartsWith("onnxruntime", StringComparison.Ordinal)
                ? [ConvolutionEngine.Unknown, ConvolutionEngine.OnnxRuntime]
                : Enum.GetValues<ConvolutionEngine>();
        return possible.MinBy(engine => convolutions
            .GroupBy(s => KernelFamily.OfAlgorithm(s.Kernel.Shape, engine))
            .Sum(f => f.Count() * KernelLatencyModel.FitLaw(f.Key, engine, [.. f]).LawError + ErrorOfFamily));
    }

    /// <summary>Writes the predictor, about 2 KB for each family.</summary>
    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write((byte)_engine);
        writer.Write((byte)_models.Count);
        foreach (KernelLatencyModel model in _models.Values)
        {
            model.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="TandemException">The stream holds no predictor.</exception>
    public static KernelLatencyPredictor Read(Stream stream)
    {
        try
        {
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            var engine = (ConvolutionEngine)reader.ReadByte();
            int count = reader.ReadByte();
            var predictor = new KernelLatencyPredictor(engine, [.. Enumerable.Range(0, count).Select(_ => KernelLatencyModel.Read(reader))]);
            return predictor._models.ContainsKey(AnyFamily) ? predictor : throw new EndOfStreamException();
        }
        catch (Exception e) when (e is IOException or ArgumentException or FormatException)
        {
            throw new TandemException("not a kernel latency predictor: fit a new one to a profile", e);
        }
    }
}
