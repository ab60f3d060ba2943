using System.Globalization;
using Tandem.Prediction;
using Tandem.Prediction.Codl;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;

namespace Tandem.Bench.PredictorAccuracy;

/// <summary>
/// How well predictors know kernels that they were not fitted to, by CoDL's protocol: kernels of random sizes, measured by
/// <c>tandem profile --configurations</c>, of which a part is left out.
/// </summary>
internal static class RandomKernels
{
    private const string MeasuredAs = "random kernels";

    /// <summary>Prints the report for every processor whose random kernels a profile holds. Measures nothing.</summary>
    /// <param name="profilePath">The profile.</param>
    /// <param name="isValidation">
    /// Scores the validation part, and leaves the test part out altogether: what to look at while a predictor is designed.
    /// </param>
    /// <param name="worst">How many of the worst predictions are listed.</param>
    /// <param name="output">Gets it.</param>
    /// <exception cref="TandemException">There is no profile, or no random kernels in it.</exception>
    public static void Print(string profilePath, bool isValidation, int worst, TextWriter output)
    {
        if (!File.Exists(profilePath))
        {
            throw new TandemException($"there is no profile '{profilePath}': run 'tandem profile --configurations N' first");
        }
        using var store = new ProfileStore(profilePath, DeviceFingerprint.Current());
        bool found = false;
        foreach (string key in store.ProcessorKeys())
        {
            var profile = new Profile();
            profile.Load(store, [key]);
            Sample[] samples = [.. profile.Samples.Where(s => s.ProcessorKey == key && HalfMs(profile, s, 0) > 0 && HalfMs(profile, s, 1) > 0)];
            if (samples.Length > 0)
            {
                found = true;
                Print(key, profile, samples, isValidation, worst, output);
            }
        }
        if (!found)
        {
            throw new TandemException(
                $"'{profilePath}' has no kernels of random sizes that were measured in two passes: run 'tandem profile --configurations N' first");
        }
    }

    private static double HalfMs(Profile profile, Sample sample, int half) =>
        profile.Cost(sample.ProcessorKey, CostNames.HalfOfRounds(sample.KernelSignature, half), 0);

    private static void Print(string key, Profile profile, Sample[] samples, bool isValidation, int worst, TextWriter output)
    {
        string name = key.Split(' ')[0] + (key.Contains("cores ", StringComparison.Ordinal) ? " on " + key.Split(" | ")[^2] : "");
        List<(MeasuredPart Part, KernelSplit Split, double Repeated)> all = [];
        foreach (Sample sample in samples)
        {
            if (KernelConfiguration.TryParse(sample.KernelDescription, out KernelConfiguration kernel))
            {
                double repeated = Math.Abs(HalfMs(profile, sample, 0) / HalfMs(profile, sample, 1) - 1);
                all.Add((AsPart(sample, kernel), KernelSplits.Of(kernel), repeated));
            }
        }
        KernelSplit scored = isValidation ? KernelSplit.Validation : KernelSplit.Test;
        MeasuredPart[] test = [.. all.Where(p => p.Split == scored).Select(p => p.Part)];
        MeasuredPart[] fit = [.. all.Where(p => p.Split != scored && p.Split != KernelSplit.Test).Select(p => p.Part)];
        output.WriteLine($"{name}: {fit.Length} random kernels to fit, {test.Length} of the {(isValidation ? "validation" : "test")} part to predict");
        if (fit.Length == 0 || test.Length == 0)
        {
            throw new TandemException("there are too few random kernels to fit and to score: run 'tandem profile --configurations N' with more");
        }
        var errors = new Errors();
        CodlPredictor codl = new CodlTrainingSet(key, profile)
            .Add(new MeasuredNetwork(MeasuredAs, [.. fit.Select(p => p.ForCodl).OfType<MeasuredKernel>()], fit.Length, 0, null, 0))
            .Fit();
        errors.Add(key, test, [.. fit.Select(p => p.Sample)], codl);
        errors.Print(name, output);
        foreach (IGrouping<string, (MeasuredPart Part, KernelSplit, double Repeated)> type in
            all.GroupBy(p => p.Part.Sample.Configuration.Shape.Type).OrderByDescending(g => g.Count()))
        {
            Errors.Write(output, $"{name}: repeatability, {type.Key}", type.Select(p => p.Repeated));
        }
        Errors.Write(output, $"{name}: repeatability", all.Select(p => p.Repeated));
        errors.PrintWorst(worst, output);
        AccuracyReport.PrintFit(name, key, [.. fit.Select(p => p.Sample)], output);
    }

    private static MeasuredPart AsPart(Sample sample, KernelConfiguration kernel)
    {
        double ms = sample.MedianMilliseconds;
        double spread = Math.Max(sample.P90Milliseconds - ms, ms - sample.P10Milliseconds) / ms;
        // CoDL compares parts of rows with the whole kernel, which was not measured here.
        MeasuredKernel? forCodl = kernel.IsDividedByRows ? null : new(sample.KernelSignature, kernel.Shape, ms, 1, ms, 0, spread);
        return new MeasuredPart(sample.KernelSignature, new KernelSample(kernel, ms, sample.TakenAt), spread, forCodl);
    }

    /// <summary>One line for a prediction that is far off.</summary>
    public static string Describe(MeasuredPart part, double error) => string.Create(
        CultureInfo.InvariantCulture, $"    {100 * error,6:0} % {part.Sample.Milliseconds,9:0.0000} ms {part.Sample.Configuration}");
}
