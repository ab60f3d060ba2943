using System.Diagnostics;
using System.Globalization;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Prediction.Kernels;
using Tandem.Processors;

namespace Tandem.Bench.PredictorAccuracy;

/// <summary>
/// How well predictors know kernels that they were not fitted to: random kernels held out in five parts (whole and halves together),
/// and each network held out in turn with every kernel that it shares with others.
/// </summary>
internal static class AccuracyReport
{
    private const int Parts = 5;
    private const int WeightSeed = 1;

    /// <summary>Prints the report. Networks that the profile lacks are measured first.</summary>
    /// <param name="models">Names of built-in networks, or paths of ONNX files.</param>
    /// <param name="eachNetwork">A line for each held-out network.</param>
    /// <param name="output">Gets it.</param>
    public static void Print(IReadOnlyList<string> models, bool eachNetwork, TextWriter output)
    {
        using LocalDevice device = LocalDevice.Open();
        Dictionary<string, MeasuredKernels> sets = [];
        foreach (string model in models)
        {
            using var deployed = new Deployment(Load(model), device);
            deployed.EnsureProfiled();
            foreach (IProcessor processor in device.Cooperating)
            {
                if (!sets.TryGetValue(processor.Info.Name, out MeasuredKernels? set))
                {
                    sets[processor.Info.Name] = set = new MeasuredKernels(processor.Info.Key);
                }
                set.Add(deployed.Network, deployed.Problem.Predictor.Keys, deployed.Profile);
            }
        }
        foreach ((string processor, MeasuredKernels set) in sets)
        {
            PrintHeldOut(processor, set, eachNetwork, output);
            Errors.Write(output, $"{processor}: repeatability", set.Repeatability());
            Errors.Write(output, $"{processor}: spread of runs", set.Distinct.Select(k => k.Spread));
            PrintFit(processor, set.Codl.ProcessorKey, [.. set.Distinct.Select(k => k.Sample)], output);
        }
    }

    /// <summary>Networks that hold one constant in place of weights get random ones, as in <c>bench/networks.sh</c>.</summary>
    private static Graph Load(string model)
    {
        Graph graph = ModelZoo.Names.Contains(model) ? ModelZoo.Make(model) : OnnxFile.Load(model);
        return Path.GetFileName(model).StartsWith("light_", StringComparison.Ordinal)
            ? RandomWeights.Replace(ConstantFolding.Fold(graph), WeightSeed)
            : graph;
    }

    private static void PrintHeldOut(string processor, MeasuredKernels set, bool eachNetwork, TextWriter output)
    {
        var byKernel = new Errors();
        foreach (int part in Enumerable.Range(0, Parts))
        {
            HashSet<string> held = [.. set.Kernels.Where(k => MeasuredKernels.Part(k, Parts) == part)];
            byKernel.Add(set, held);
        }
        byKernel.Print($"{processor}: kernels held out", output);
        var byNetwork = new Errors();
        foreach ((string network, IReadOnlySet<string> kernels) in set.Networks)
        {
            if (set.Kernels.Any(k => !kernels.Contains(k)))
            {
                var own = new Errors();
                own.Add(set, kernels);
                byNetwork.Add(own);
                if (eachNetwork)
                {
                    own.PrintTotal($"{processor}: {network}", output);
                }
            }
        }
        byNetwork.Print($"{processor}: networks held out", output);
    }

    /// <summary>Prints how long fitting and predicting take, and how large the predictor is.</summary>
    public static void PrintFit(string processor, string key, KernelSample[] samples, TextWriter output)
    {
        double fitMs = double.PositiveInfinity;
        KernelLatencyPredictor predictor = KernelLatencyPredictor.Fit(samples, key);
        double microseconds = double.PositiveInfinity;
        // Several times: the first runs are compiled while they run, and others may use the machine.
        for (int turn = 0; turn < 10; turn++)
        {
            long start = Stopwatch.GetTimestamp();
            if (turn < 3)
            {
                predictor = KernelLatencyPredictor.Fit(samples, key);
                fitMs = Math.Min(fitMs, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            start = Stopwatch.GetTimestamp();
            foreach (KernelSample sample in samples)
            {
                predictor.Predict(sample.Configuration);
            }
            microseconds = Math.Min(microseconds, Stopwatch.GetElapsedTime(start).TotalMicroseconds / samples.Length);
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{processor}: fit {fitMs:0} ms, {microseconds:0.00} us a prediction, {predictor.Models.Max(m => m.SizeInBytes)} bytes a family at most"));
        foreach (KernelLatencyModel model in predictor.Models)
        {
            output.WriteLine($"    {model.Family}: {model.SampleCount} samples, {model.SizeInBytes} bytes");
        }
    }
}
