using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

public sealed class SegmentBranchTests
{
    [Fact]
    public void Branches_run_side_by_side_where_each_suits_another_processor()
    {
        (Network network, int left, int right) = TwoBranches();
        PlanningProblem problem = Problem(network, (processor, kernel) =>
            kernel == left ? processor == "cpu" ? 1 : 40 : kernel == right ? processor == "cpu" ? 40 : 1 : 0.01);
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        Assert.Equal("cpu", OwnerOf(plan, left));
        Assert.Equal("gpu", OwnerOf(plan, right));
        Assert.InRange(plan.PredictedMs, 1, 1.2);
        Assert.NotEmpty(PlanCheck.Require(plan, network, problem.Predictor.Keys.Whole));
        Plan without = PolicyRegistry.Find(PolicyNames.TandemNoBranches).MakePlan(problem);
        Assert.InRange(without.PredictedMs, 1.9, double.MaxValue);
    }

    [Fact]
    public void Branches_are_part_of_what_planning_only_improves() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        Assert.True(Cost(problem, PolicyNames.Segments) <= Cost(problem, PolicyNames.TandemNoBranches) + 1e-9);
        Assert.True(Cost(problem, PolicyNames.Segments) <= Cost(problem, PolicyNames.TandemNoChains) + 1e-9);
        Assert.True(Cost(problem, PolicyNames.Segments) <= Cost(problem, PolicyNames.TandemChannelsOnly) + 1e-9);
        Assert.True(Cost(problem, PolicyNames.Segments) <= Cost(problem, PolicyNames.RowChains) + 1e-9);
    });

    [Fact]
    public void Processor_that_refuses_a_branch_is_not_given_it()
    {
        (Network network, int left, int right) = TwoBranches();
        PlanningProblem problem = PlanningCase.Make(network, 5, (key, kernel) => key == "key of gpu" && kernel.Index == left);
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        Assert.DoesNotContain(plan.Steps, s => s.Processor == "gpu" && s.Slice.Kernels.First <= left && left < s.Slice.Kernels.End);
        Assert.Contains(plan.Steps, s => s.Slice.Kernels.First <= right && right < s.Slice.Kernels.End);
    }

    // What the search adds up: segments one after another, each as long as its busiest processor.
    private static double Cost(PlanningProblem problem, string policy)
    {
        var search = (SegmentPolicy)PolicyRegistry.Find(policy);
        return search.Search(problem).Cheapest(1, 0).Sum(segment => segment.CostMs);
    }

    private static string OwnerOf(Plan plan, int kernel) =>
        Assert.Single(plan.Steps, s => s.Slice.Kernels.First <= kernel && kernel < s.Slice.Kernels.End).Processor;

    /// <summary>A stem, a 3x3 and a 5x5 convolution side by side, and what joins them; with the indices of the two.</summary>
    private static (Network Network, int Left, int Right) TwoBranches()
    {
        var net = new GraphBuilder("two branches");
        Tensor stem = net.Relu(net.Conv(net.Input("image", 1, 3, 32, 32), 16, 3, pad: 1));
        Tensor left = net.Relu(net.Conv(stem, 32, 3, pad: 1));
        Tensor right = net.Relu(net.Conv(stem, 32, 5, pad: 2));
        Network network = KernelDetector.Detect(net.Build(1, net.Relu(net.Conv(net.Concat(left, right), 8, 1))));
        return (network, Maker(left), Maker(right));

        int Maker(Tensor tensor) => network.Kernels.First(k => k.Outputs.Contains(tensor.Name)).Index;
    }

    private static PlanningProblem Problem(Network network, Func<string, int, double> ms)
    {
        var profile = new Profile();
        var keys = new SliceKeys(network);
        foreach (string processor in new[] { "cpu", "gpu" })
        {
            double sum = 0;
            foreach (Kernel kernel in network.Kernels)
            {
                var range = new KernelRange(kernel.Index, kernel.Index + 1);
                double whole = ms(processor, kernel.Index);
                sum += whole;
                profile.Add(KnownLatencies.Sample(processor, keys.Of(range), kernel.Type, whole));
                foreach (SliceAxis axis in new[] { SliceAxis.Channels, SliceAxis.Rows })
                {
                    // Dividing saves nothing: a half takes as long as the whole.
                    profile.Add(KnownLatencies.Sample(processor, keys.Of(new SliceSpec(range, axis, Share.FirstHalf)), kernel.Type, whole));
                }
            }
            profile.Add(KnownLatencies.Sample(processor, keys.Whole, "all", sum));
        }
        return new PlanningProblem(network, [new("cpu", "cpu"), new("gpu", "gpu")], null, new SlicePredictor(network, profile), 0.001);
    }
}
