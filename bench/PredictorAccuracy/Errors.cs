using System.Globalization;
using Tandem.Prediction;
using Tandem.Prediction.Codl;
using Tandem.Prediction.Kernels;

namespace Tandem.Bench.PredictorAccuracy;

/// <summary>Relative errors of Tandem's and CoDL's predictors on kernels that they were not fitted to.</summary>
internal sealed class Errors
{
    private const double Near = 0.1;

    // Samples of the held-out kernels that tell how fast the machine was then, where no other sample was taken near: not scored.
    private const int Calibrating = 10;
    private static readonly TimeSpan SameTime = TimeSpan.FromSeconds(5);

    private readonly List<(MeasuredPart Part, double Tandem, double? AtSpeed, double? Codl)> _all = [];

    /// <summary>Predicts held-out kernels with predictors that are fitted to the others.</summary>
    public void Add(MeasuredKernels set, IReadOnlySet<string> heldOut)
    {
        MeasuredPart[] test = [.. set.Distinct.Where(p => heldOut.Contains(p.Kernel))];
        KernelSample[] fit = [.. set.Distinct.Where(p => !heldOut.Contains(p.Kernel)).Select(p => p.Sample)];
        Add(set.Codl.ProcessorKey, test, fit, set.Codl.FitWithout(k => heldOut.Contains(k.Key.Split('/')[0])));
    }

    /// <summary>Predicts kernels with Tandem's predictor, fitted to others, and with CoDL's, which was.</summary>
    public void Add(string processorKey, MeasuredPart[] test, KernelSample[] fit, CodlPredictor codl)
    {
        KernelLatencyPredictor tandem = KernelLatencyPredictor.Fit(fit, processorKey);
        foreach (MeasuredPart part in test)
        {
            double ms = tandem.Predict(part.Sample.Configuration).MeanMs;
            _all.Add((part, Relative(ms, part), AtSpeed(tandem, fit, test, part, ms), part.ForCodl is { } k ? Relative(codl.AloneMs(k), part) : null));
        }
    }

    /// <summary>Takes in others.</summary>
    public void Add(Errors others) => _all.AddRange(others._all);

    /// <summary>Prints a line for each family, for all with weights (CoDL's operators), for all and for those that take some time.</summary>
    public void Print(string what, TextWriter output)
    {
        foreach (IGrouping<string, (MeasuredPart Part, double, double?, double?)> type in
            _all.GroupBy(e => e.Part.Sample.Configuration.Shape.Type).OrderByDescending(g => g.Count()))
        {
            Print($"{what}, {type.Key}", e => e.Part.Sample.Configuration.Shape.Type == type.Key, output);
        }
        Print($"{what}, with weights", e => e.Part.Sample.Configuration.Shape.Weights > 0, output);
        Print($"{what}, 0.2 ms and more", e => e.Part.Sample.Milliseconds >= 0.2, output);
        PrintTotal(what + ", all", output);
    }

    /// <summary>Prints one line for all.</summary>
    public void PrintTotal(string what, TextWriter output) => Print(what, _ => true, output);

    /// <summary>Prints the share of errors within 10 % and their mean.</summary>
    public static void Write(TextWriter output, string what, IEnumerable<double> errors)
    {
        output.Write($"{what,-44}");
        WriteShare(output, "", errors);
        output.WriteLine();
    }

    /// <summary>Lists what Tandem's predictor knows least.</summary>
    public void PrintWorst(int count, TextWriter output)
    {
        foreach ((MeasuredPart part, double error, _, _) in _all.OrderByDescending(e => e.Tandem).Take(count))
        {
            output.WriteLine(RandomKernels.Describe(part, error));
        }
    }

    private void Print(
        string what, Func<(MeasuredPart Part, double Tandem, double? AtSpeed, double? Codl), bool> isMeant, TextWriter output)
    {
        output.Write($"{what,-44}");
        WriteShare(output, "", _all.Where(isMeant).Select(e => e.Tandem));
        WriteShare(output, "  at known speed", _all.Where(isMeant).Select(e => e.AtSpeed).OfType<double>());
        WriteShare(output, "  CoDL", _all.Where(isMeant).Select(e => e.Codl).OfType<double>());
        output.WriteLine();
    }

    private static void WriteShare(TextWriter output, string label, IEnumerable<double> errors)
    {
        double[] all = [.. errors];
        output.Write(all.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $"{label}{all.Length,5} within 10 %: {100.0 * all.Count(e => e <= Near) / all.Length,5:0.0} % mean {100 * all.Average(),5:0.0} %"));
    }

    private static double Relative(double ms, MeasuredPart part) => Math.Abs(ms / part.Sample.Milliseconds - 1);

    /// <summary>The error when it is known how fast the machine was, from samples taken at the same time; null for those that tell it.</summary>
    private static double? AtSpeed(
        KernelLatencyPredictor tandem, KernelSample[] fit, MeasuredPart[] test, MeasuredPart part, double ms)
    {
        KernelSample[] near = [.. fit.Where(s => (s.TakenAt - part.Sample.TakenAt).Duration() <= SameTime)];
        if (near.Length == 0)
        {
            near = [.. test.Where((_, i) => i % Math.Max(1, test.Length / Calibrating) == 0).Select(p => p.Sample)];
            if (near.Contains(part.Sample))
            {
                return null;
            }
        }
        double slowness = near.Length == 0
            ? 1
            : LatencyStatistics.Percentile(near.Select(s => s.Milliseconds / tandem.Predict(s.Configuration).MeanMs), 0.5);
        return Relative(ms * slowness, part);
    }
}
