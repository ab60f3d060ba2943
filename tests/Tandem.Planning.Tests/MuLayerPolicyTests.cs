using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Branches;
using Tandem.Planning.Policies;
using Tandem.Prediction.MuLayer;

namespace Tandem.Planning.Tests;

/// <summary>What muLayer's policy decides where its predictor is known exactly.</summary>
public sealed class MuLayerPolicyTests
{
    // What a layer takes that cannot be divided away, and what it takes for each operation.
    private const double LaunchMs = 1;
    private const double MsPerFlop = 1e-6;

    [Theory]
    [InlineData("googlenet", 9)]
    [InlineData("squeezenet1.1", 8)]
    public void Whole_branches_run_side_by_side_where_launching_costs_more_than_computing(string name, int regions)
    {
        PlanningProblem problem = Problem(KernelDetector.Detect(ModelZoo.Make(name, 64)));
        Plan plan = Policy(launchMs: 50).MakePlan(problem);
        IReadOnlyList<BranchRegion> found = BranchFinder.Find(problem.Network);
        Assert.Equal(regions, found.Count);
        foreach (BranchRegion region in found)
        {
            Step[] steps = [.. plan.Steps.Where(s => region.Kernels.Contains(s.Slice.Kernels.First))];
            Assert.Equal(["cpu", "gpu"], steps.Select(s => s.Processor).Distinct().Order());
            Assert.All(steps, s => Assert.Equal(SliceAxis.None, s.Slice.Axis));
            // A branch waits for the fork alone: nothing is synchronised before the join.
            Assert.All(region.Branches, branch => Assert.Single(
                steps.Where(s => branch.Any(k => k >= s.Slice.Kernels.First && k < s.Slice.Kernels.End)).Select(s => s.Processor).Distinct()));
        }
        Assert.Equal(plan.Steps.Count, PlanCheck.Require(plan, problem.Network, problem.Predictor.Keys.Whole).Count);
    }

    [Fact]
    public void Layers_are_divided_where_launching_costs_nothing()
    {
        PlanningProblem problem = Problem(KernelDetector.Detect(ModelZoo.Make("squeezenet1.1", 64)));
        Plan plan = Policy(launchMs: 0).MakePlan(problem);
        Assert.All(plan.Steps, step => Assert.Equal(1, step.Slice.Kernels.Count));
        Assert.Contains(plan.Steps, step => step.Slice.Axis == SliceAxis.Channels);
    }

    [Theory]
    [InlineData(0.9, false)]
    [InlineData(1.1, true)]
    public void Faster_way_is_chosen_for_each_region(double launchPerWork, bool isByBranches)
    {
        // Branches of work 1 and 3: divided, both take a launch and half of it, 2 launches + 2; whole, the longer takes 1 launch + 3.
        var net = new GraphBuilder("uneven");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 64, 64), 8, 1));
        Network network = KernelDetector.Detect(net.Build(1, net.Concat(net.Relu(net.Conv(x, 8, 1)), net.Relu(net.Conv(x, 24, 1)))));
        double workMs = MsPerFlop * LayerFeatures.Of(network.Graph, network.Kernels[1], 1).Flops;
        PlanningProblem problem = Problem(network) with { HandOverMs = 0 };
        Plan plan = Policy(launchPerWork * workMs).MakePlan(problem);
        SliceAxis expected = isByBranches ? SliceAxis.None : SliceAxis.Channels;
        Assert.All(plan.Steps.Where(s => s.Slice.Kernels.First is 1 or 2), s => Assert.Equal(expected, s.Slice.Axis));
        Assert.All(
            new MuLayerPolicy(PolicyNames.MuLayer) { DistributesBranches = false, FitPredictor = _ => new KnownPredictor(launchPerWork * workMs) }
                .MakePlan(problem).Steps.Where(s => s.Slice.Kernels.First is 1 or 2),
            s => Assert.Equal(SliceAxis.Channels, s.Slice.Axis));
    }

    [Fact]
    public void Branches_that_one_Softmax_compares_stay_on_one_processor()
    {
        var net = new GraphBuilder("scores");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 1));
        Tensor scores = net.Concat(net.Conv(x, 8, 1), net.Conv(x, 8, 3, pad: 1));
        Network network = KernelDetector.Detect(net.Build(1, net.Softmax(net.Flatten(scores))));
        Assert.Single(BranchFinder.Find(network));
        Plan plan = Policy(LaunchMs).MakePlan(Problem(network));
        Assert.All(plan.Steps.Where(s => s.Slice.Kernels.First is 1 or 2), s => Assert.Equal(SliceAxis.None, s.Slice.Axis));
        Assert.DoesNotContain(plan.Steps, s => s.Slice.Kernels.Count > 1);
        Assert.Single(plan.Steps.Where(s => s.Slice.Kernels.First is 1 or 2).Select(s => s.Processor).Distinct());
    }

    [Fact]
    public void Branch_stays_with_the_processor_that_runs_it()
    {
        var net = new GraphBuilder("refused");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 1));
        Tensor joined = net.Concat(net.Relu(net.Conv(x, 8, 1)), net.MaxPool(net.Relu(net.Conv(x, 8, 1)), 3, 1, 1));
        Network network = KernelDetector.Detect(net.Build(1, joined));
        Plan plan = Policy(launchMs: 50).MakePlan(Problem(network, (processor, kernel) => processor == "key of cpu" && kernel.Type == "MaxPool"));
        Step pool = Assert.Single(plan.Steps, s => Covers(s, network, "MaxPool"));
        Assert.Equal(("gpu", SliceAxis.None), (pool.Processor, pool.Slice.Axis));
        Assert.Equal(2, pool.Slice.Kernels.Count);
    }

    [Fact]
    public void Many_branches_are_balanced()
    {
        var net = new GraphBuilder("many");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 1));
        Network network = KernelDetector.Detect(net.Build(1, net.Concat([.. Enumerable.Range(0, 14).Select(_ => net.Relu(net.Conv(x, 8, 1)))])));
        Plan plan = Policy(launchMs: 50).MakePlan(Problem(network));
        int cpu = plan.Steps.Where(s => s.Processor == "cpu" && s.Slice.Kernels.First is > 0 and < 15).Sum(s => s.Slice.Kernels.Count);
        Assert.Equal(7, cpu);
    }

    [Fact]
    public void Flop_ratio_divides_every_divided_layer_alike() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerFlopRatio).MakePlan(problem);
        // Grouped convolutions cannot be cut everywhere; all others have one best ratio.
        Step[] divided = [.. plan.Steps.Where(s => s.Slice.Axis == SliceAxis.Channels && s.Processor == "cpu")
            .Where(s => problem.Network.Kernels[s.Slice.Kernels.First].Operators.All(op => op.GetInt("group", 1) == 1))];
        Assert.InRange(divided.Select(s => s.Slice.Share).Distinct().Count(), 0, 1);
    });

    private static bool Covers(Step step, Network network, string type) => Enumerable
        .Range(step.Slice.Kernels.First, step.Slice.Kernels.Count).Any(k => network.Kernels[k].Type == type);

    private static PlanningProblem Problem(Network network, Func<string, Kernel, bool>? refuses = null) =>
        PlanningCase.Make(network, 1, refuses);

    private static MuLayerPolicy Policy(double launchMs) =>
        new(PolicyNames.MuLayer) { FitPredictor = _ => new KnownPredictor(launchMs) };

    private sealed class KnownPredictor(double launchMs) : ILayerPredictor
    {
        public double PredictMs(LayerFeatures layer) => launchMs + MsPerFlop * layer.Flops;
    }
}
