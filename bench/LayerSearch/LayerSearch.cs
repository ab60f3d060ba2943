using System.Globalization;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Bench.LayerSearch;

/// <summary>
/// How close the planner comes to exhaustive search: for a sample of layers, each as a network of its own, every division between
/// the two processors is run, and the best of them once more in turns with the planner's.
/// </summary>
internal sealed class LayerSearch(TextWriter output)
{
    private const int LayersOfEach = 6;
    private const int SearchRuns = 9;
    private const int FinalRuns = 31;
    private const int WarmUps = 3;
    private const int Finalists = 3;
    private const int Seed = 3;

    // Planned within 5 % of the best.
    private const double Near = 1 / 1.05;

    /// <summary>Prints a line for each layer, then the geometric mean, the share of layers within 5 % of the best, and the worst.</summary>
    /// <param name="models">Names of built-in networks, or paths of ONNX files.</param>
    public void Print(IReadOnlyList<string> models)
    {
        using LocalDevice device = LocalDevice.Open();
        List<double> ratios = [];
        output.WriteLine("network        layer                             divisions  best ms  planned ms  best/planned  best division");
        foreach (string model in models)
        {
            Graph graph = ModelZoo.Names.Contains(model) ? ModelZoo.Make(model) : OnnxFile.Load(model);
            Network network = GraphPreparation.Prepare(graph);
            foreach (Kernel kernel in Sampled(network))
            {
                ratios.Add(Search(model, network, kernel, device));
            }
        }
        PrintSummary(ratios);
    }

    private void PrintSummary(List<double> ratios)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"geometric mean of best/planned over {ratios.Count} layers: {Math.Exp(ratios.Average(Math.Log)):0.000}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"within 5 % of the best: {(double)ratios.Count(ratio => ratio >= Near) / ratios.Count:0.0%} of the layers; worst {ratios.Min():0.000}"));
    }

    /// <summary>Convolutions of different shapes, evenly over the network's depth.</summary>
    private static List<Kernel> Sampled(Network network)
    {
        Kernel[] layers =
        [
            .. network.Kernels.Where(k => k.Type.Contains("Conv", StringComparison.Ordinal))
                .DistinctBy(k => new SliceKeys(network).Of(new KernelRange(k.Index, k.Index + 1))),
        ];
        return [.. Enumerable.Range(0, Math.Min(LayersOfEach, layers.Length)).Select(i => layers[i * layers.Length / Math.Min(LayersOfEach, layers.Length)])];
    }

    private double Search(string model, Network whole, Kernel kernel, LocalDevice device)
    {
        Graph layer = SliceSpec.Of(new KernelRange(kernel.Index, kernel.Index + 1)).Cut(whole).Graph;
        using var deployed = new Deployment(layer, device, new DeploymentOptions { ProfilePath = null });
        Plan planned = deployed.PlanBy(PolicyNames.Segments);
        List<Plan> all = [.. Divisions(deployed)];
        List<(Plan Plan, double Ms)> measured = [];
        foreach (Plan plan in all)
        {
            measured.Add((plan, MedianMs(deployed, [plan], SearchRuns)[0]));
            deployed.TrimCompiled();
        }
        Plan[] finalists = [.. measured.OrderBy(m => m.Ms).Take(Finalists).Select(m => m.Plan)];
        IReadOnlyList<double> final = MedianMs(deployed, [planned, .. finalists], FinalRuns);
        int best = Enumerable.Range(1, finalists.Length).MinBy(i => final[i]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{model,-14} {kernel.Name,-32} {all.Count,10} {final[best],8:0.000} {final[0],11:0.000} {final[best] / final[0],13:0.000}  {Words(finalists[best - 1])} (planned {Words(planned)})"));
        return final[best] / final[0];
    }

    /// <summary>Each processor alone, and every division by rows or by channels that the slicer can make, in steps of 1/32 at the finest.</summary>
    private static IEnumerable<Plan> Divisions(Deployment deployed)
    {
        const int FinestSteps = 32;
        Network network = deployed.Network;
        KernelRange all = deployed.Problem.AllKernels;
        string[] names = [.. deployed.Problem.Cooperating.Select(p => p.Name)];
        foreach (string name in names)
        {
            yield return deployed.PlainPlan(name);
        }
        foreach (SliceAxis axis in new[] { SliceAxis.Channels, SliceAxis.Rows })
        {
            Shape shape = network.Graph.Outputs[0].Shape;
            long extent = shape.Rank > (int)axis ? shape[(int)axis] : 1;
            long steps = Math.Min(FinestSteps, extent);
            for (int i = 1; i < steps; i++)
            {
                double cut = (double)i / steps;
                SliceSpec[] specs = [new(all, axis, new Share(0, cut)), new(all, axis, new Share(cut, 1))];
                if (Array.TrueForAll(specs, spec => Slicer.CanCut(network, all.First, all.End, axis, spec.Share, out _)))
                {
                    yield return deployed.Problem.Assembler.Assemble("exhaustive", [new(names[0], specs[0], 0), new(names[1], specs[1], 0)]);
                }
            }
        }
    }

    private static IReadOnlyList<double> MedianMs(Deployment deployed, IReadOnlyList<Plan> plans, int runs)
    {
        List<PlanExecutor> executors = [];
        try
        {
            foreach (Plan plan in plans)
            {
                PlanExecutor executor = deployed.Start(plan);
                executors.Add(executor);
                foreach (Tensor input in deployed.Network.Graph.Inputs.Where(i => executor.Touches(i.Name)))
                {
                    SeededInputs.Fill(deployed.Network.Graph, input, executor.Memory(input.Name), Seed);
                }
            }
            return [.. InterleavedRuns.Measure(executors, WarmUps, runs).Select(s => s.MedianMs)];
        }
        finally
        {
            executors.ForEach(e => e.Dispose());
        }
    }

    private static string Words(Plan plan) => string.Join(" + ", plan.Steps.Select(s => $"{s.Processor} {s.Slice}"));
}
