using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Prediction;
using Tandem.Prediction.Codl;
using Tandem.Prediction.Store;
using Tandem.Processors;

namespace Tandem.Bench.PredictorAccuracy;

/// <summary>
/// How well CoDL's predictor knows kernels of networks that it has not seen: for each processor, each network is left out in turn
/// (with every kernel that it shares with others), the predictor fitted to the rest, and its kernels predicted.
/// </summary>
internal sealed class AccuracyReport(TextWriter output)
{
    private const double Near = 0.1;

    /// <summary>Prints the report. Networks that the profile lacks are measured first.</summary>
    /// <param name="models">Names of built-in networks, or paths of ONNX files.</param>
    public void Print(IReadOnlyList<string> models)
    {
        using LocalDevice device = LocalDevice.Open();
        Dictionary<string, CodlTrainingSet> sets = [];
        var profile = new Profile();
        foreach (string model in models)
        {
            using var deployed = new Deployment(Load(model), device);
            deployed.EnsureProfiled();
            foreach (Sample sample in deployed.Profile.Samples)
            {
                profile.Add(sample);
            }
            foreach (Measurement cost in deployed.Profile.Costs)
            {
                profile.Add(cost);
            }
            foreach (IProcessor processor in device.Cooperating)
            {
                if (!sets.TryGetValue(processor.Info.Name, out CodlTrainingSet? set))
                {
                    sets[processor.Info.Name] = set = new CodlTrainingSet(processor.Info.Key, profile);
                }
                set.Add(deployed.Network, deployed.Problem.Predictor.Keys);
            }
        }
        foreach ((string processor, CodlTrainingSet set) in sets)
        {
            PrintHeldOut(processor, set);
            PrintFit(processor, set);
        }
    }

    private static Graph Load(string model) => ModelZoo.Names.Contains(model) ? ModelZoo.Make(model) : OnnxFile.Load(model);

    private void PrintHeldOut(string processor, CodlTrainingSet set)
    {
        List<(string Type, double Error)> errors = [];
        foreach (MeasuredNetwork network in set.Networks.Where(n => set.Networks.Count > 1 && n.Kernels.Count > 0))
        {
            CodlPredictor predictor = set.Fit(network);
            (string Type, double Error)[] own =
                [.. network.Kernels.Select(k => (k.Shape.Type, Math.Abs(predictor.AloneMs(k) - k.Ms) / k.Ms))];
            Line($"{processor}, held out {network.Name}", own.Select(e => e.Error));
            errors.AddRange(own);
        }
        foreach (IGrouping<string, (string Type, double Error)> type in errors.GroupBy(e => e.Type).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Line($"{processor}, type {type.Key}", type.Select(e => e.Error));
        }
        Line($"{processor}, all held out", errors.Select(e => e.Error));
        // No predictor can be nearer to a median than runs of the same kernel are to each other.
        Line($"{processor}, spread of the runs themselves", set.Networks.SelectMany(n => n.Kernels).Select(k => k.Spread));
    }

    private void PrintFit(string processor, CodlTrainingSet set)
    {
        long start = Stopwatch.GetTimestamp();
        CodlPredictor predictor = set.Fit();
        double fitMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        MeasuredKernel[] kernels = [.. set.Networks.SelectMany(n => n.Kernels)];
        Line($"{processor}, fitted to all", kernels.Select(k => Math.Abs(predictor.AloneMs(k) - k.Ms) / k.Ms));
        start = Stopwatch.GetTimestamp();
        double sum = kernels.Sum(predictor.AloneMs);
        double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds / kernels.Length;
        int bytes = Encoding.UTF8.GetByteCount(predictor.ToJson()) / predictor.Models.Count;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{processor}: fit {fitMs:0} ms, {microseconds:0.00} us a prediction, {bytes} bytes a type, {sum:0} ms in all; {predictor.Sharing}"));
        foreach (KernelModel model in predictor.Models)
        {
            output.WriteLine($"    {model.Type}: {model.SampleCount} samples, {model.Block}");
        }
    }

    private void Line(string what, IEnumerable<double> errors)
    {
        double[] all = [.. errors];
        if (all.Length > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what,-44} {all.Length,5} samples  within 10 %: {100.0 * all.Count(e => e <= Near) / all.Length,5:0.0} %  mean error {100 * all.Average(),5:0.0} %"));
        }
    }
}
