using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

public sealed class PolicyTests
{
    [Fact]
    public void Segments_equal_brute_force_over_all_segmentations() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(RandomNetworks.Chain(seed, 3), seed);
        double least = PlanningCase.Least(problem, segment => segment.CostMs);
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        double sum = plan.Steps.GroupBy(s => (s.Slice.Kernels, s.Slice.Summands)).Sum(g => g.Max(s => s.PredictedMs) + problem.HandOverMs);
        Assert.Equal(least, sum, 1e-9);
    });

    [Fact]
    public void Placement_by_depth_alone_equals_trying_all_of_them() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(RandomNetworks.Chain(seed, 4), seed);
        int count = problem.Network.Kernels.Count;
        double least = double.PositiveInfinity;
        // Each bit of cuts ends a segment after that kernel; a segment's time is that of its faster processor.
        for (int cuts = 0; cuts < 1 << (count - 1); cuts++)
        {
            double total = 0;
            for (int first = 0, k = 0; k < count; k++)
            {
                if (k == count - 1 || (cuts >> k & 1) == 1)
                {
                    SliceSpec spec = SliceSpec.Of(new KernelRange(first, k + 1));
                    total += problem.HandOverMs + problem.Cooperating.Min(p => problem.Predictor.Predict(p.Key, spec).MeanMs);
                    first = k + 1;
                }
            }
            least = Math.Min(least, total);
        }
        Plan plan = new SegmentPolicy("depth", []).MakePlan(problem);
        Assert.Equal(least, plan.Steps.Sum(s => s.PredictedMs + problem.HandOverMs), 1e-9);
    });

    [Theory]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.RowChains)]
    [InlineData(PolicyNames.Segments)]
    public void Kernel_that_nobody_runs_is_named_with_the_reasons(string policy)
    {
        var net = new GraphBuilder("pools");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 16, 16), 8, 3, pad: 1));
        x = net.Relu(net.Conv(net.MaxPool(x, 2, 2), 8, 3, pad: 1));
        Network network = KernelDetector.Detect(net.Build(1, x));
        PlanningProblem problem = PlanningCase.Make(network, 1, (_, kernel) => kernel.Type == "MaxPool");
        PlanException e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(policy).MakePlan(problem));
        Assert.Contains("'MaxPool_1' (MaxPool)", e.Message, StringComparison.Ordinal);
        Assert.Contains("key of cpu has no MaxPool; key of gpu has no MaxPool", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Plain_plan_says_why_its_processor_cannot()
    {
        Network network = RandomNetworks.Chain(4, 4);
        Profile profile = KnownLatencies.Of(network, 1, ["key of cpu"]);
        // Like this device's 'ort-all-cores', which is only ever asked for the whole network.
        profile.AddRefusal("key of all", new SliceKeys(network).Whole, "it is too large");
        var problem = new PlanningProblem(
            network, [new("cpu", "key of cpu")], new("ort-all-cores", "key of all"), new SlicePredictor(network, profile), 0.01);
        PlanException e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.OrtAllCores).MakePlan(problem));
        Assert.Contains("it is too large", e.Message, StringComparison.Ordinal);
        Assert.Contains("needs a processor", Assert.Throws<PlanException>(
            () => PolicyRegistry.Find(PolicyNames.Gpu).MakePlan(problem)).Message, StringComparison.Ordinal);
        Assert.Contains("needs two processors", Assert.Throws<PlanException>(
            () => PolicyRegistry.Find(PolicyNames.MuLayer).MakePlan(problem)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MuLayer_keeps_its_ratios_where_channels_do_not_divide_by_them()
    {
        var net = new GraphBuilder("odd");
        Network network = KernelDetector.Detect(net.Build(1, net.Conv(net.Input("image", 1, 3, 16, 16), 24, 3, pad: 1)));
        var profile = new Profile();
        string key = new SliceKeys(network).Whole;
        profile.Add(KnownLatencies.Sample("key of cpu", key, "Conv", 3));
        profile.Add(KnownLatencies.Sample("key of gpu", key, "Conv", 1));
        var problem = new PlanningProblem(
            network, [new("cpu", "key of cpu"), new("gpu", "key of gpu")], null, new SlicePredictor(network, profile), 0.01);
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayer).MakePlan(problem);
        Assert.Equal([new Share(0, 0.25), new Share(0.25, 1)], plan.Steps.Select(s => s.Slice.Share));
    }

    [Fact]
    public void Grouped_convolution_is_never_cut_into_nothing()
    {
        // Two groups: the only cut lies in the middle, however much faster one processor is.
        var net = new GraphBuilder("grouped");
        Tensor x = net.Input("image", 1, 8, 16, 16);
        Tensor y = net.Add(
            "Conv", new Shape(1, 64, 16, 16), [x, net.Weight("w", 64, 4, 1, 1)], ("group", new AttributeValue.Int(2)));
        Network network = KernelDetector.Detect(net.Build(1, y));
        var profile = new Profile();
        string key = new SliceKeys(network).Whole;
        profile.Add(KnownLatencies.Sample("key of cpu", key, "Conv", 9));
        profile.Add(KnownLatencies.Sample("key of gpu", key, "Conv", 1));
        var problem = new PlanningProblem(
            network, [new("cpu", "key of cpu"), new("gpu", "key of gpu")], null, new SlicePredictor(network, profile), 0.01);
        foreach (string policy in new[] { PolicyNames.MuLayer, PolicyNames.Segments })
        {
            Plan plan = PolicyRegistry.Find(policy).MakePlan(problem);
            Assert.NotEmpty(PlanCheck.Require(plan, network, key));
        }
    }

    [Theory]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.RowChains)]
    [InlineData(PolicyNames.Segments)]
    public void Division_that_a_processor_refuses_is_not_planned(string policy)
    {
        // A slice may hold operators that the whole kernel does not, so a processor may run the one and refuse the other.
        Network network = RandomNetworks.Chain(14, 5);
        Profile profile = KnownLatencies.Of(network, 2, ["key of cpu", "key of gpu"]);
        var keys = new SliceKeys(network);
        foreach (Kernel kernel in network.Kernels)
        {
            SliceAxis axis = kernel.Index % 2 == 0 ? SliceAxis.Rows : SliceAxis.Channels;
            profile.AddRefusal("key of gpu", keys.Of(new SliceSpec(new(kernel.Index, kernel.Index + 1), axis, Share.FirstHalf)), "no such half");
        }
        var problem = new PlanningProblem(
            network, [new("cpu", "key of cpu"), new("gpu", "key of gpu")], null, new SlicePredictor(network, profile), 0.01);
        Plan plan = PolicyRegistry.Find(policy).MakePlan(problem);
        Assert.All(plan.Steps, step => Assert.DoesNotContain(
            Enumerable.Range(step.Slice.Kernels.First, step.Slice.Kernels.Count),
            k => step.Slice.Axis == (k % 2 == 0 ? SliceAxis.Rows : SliceAxis.Channels)));
    }

    [Fact]
    public void Unknown_policy_is_answered_with_those_there_are()
    {
        PlanException e = Assert.Throws<PlanException>(() => PolicyRegistry.Find("fastest"));
        Assert.Contains("'fastest'", e.Message, StringComparison.Ordinal);
        Assert.All(PolicyRegistry.All, policy => Assert.Contains(policy.Name, e.Message, StringComparison.Ordinal));
    }
}
