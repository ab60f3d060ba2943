using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>Segments that are divided by input channels, and the reductions of what they make.</summary>
public sealed class PartialSumTests
{
    // Two products with a wide tensor in between, which partial sums keep from being shared.
    private static readonly Network Wide = Bottleneck();
    private static readonly KernelRange All = new(0, Wide.Kernels.Count);

    [Fact]
    public void Pair_is_planned_where_keeping_the_tensor_in_between_saves_time()
    {
        PlanningProblem problem = Problem(partOfSum: 0.6);
        Plan pair = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        Plan without = PolicyRegistry.Find(PolicyNames.TandemNoPairs).MakePlan(problem);
        Assert.True(pair.PredictedMs < without.PredictedMs);
        Assert.DoesNotContain(without.Steps, IsOfPartialSums);
        Step[] partials = [.. pair.Steps.Where(s => s.Slice.Axis == SliceAxis.InputChannels)];
        Step[] reductions = [.. pair.Steps.Where(s => s.Slice.Summands > 0)];
        Assert.Equal([0, 1], partials.Select(s => s.Slice.Part));
        Assert.Equal(["cpu", "gpu"], partials.Select(s => s.Processor));
        Assert.All(reductions, s => Assert.Equal(partials.Select(p => p.Id), s.DependsOn));
        Assert.Equal(pair.Steps.Count, PlanCheck.Require(pair, Wide, problem.Predictor.Keys.Whole).Count);
        Assert.Equal(PlanFile.ToJson(pair), PlanFile.ToJson(PlanFile.FromJson(PlanFile.ToJson(pair))));
    }

    [Fact]
    public void Pair_is_not_planned_where_nothing_is_saved()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(Problem(partOfSum: 1));
        Assert.DoesNotContain(plan.Steps, IsOfPartialSums);
    }

    [Fact]
    public void Reduction_costs_what_moving_its_bytes_does()
    {
        SlicePredictor predictor = Problem(partOfSum: 1).Predictor;
        double whole = predictor.Predict("key of cpu", SliceSpec.Of(All) with { Summands = 2 }).MeanMs;
        double half = predictor.Predict("key of cpu", new SliceSpec(All, SliceAxis.Channels, Share.FirstHalf) { Summands = 2 }).MeanMs;
        double first = predictor.Predict("key of cpu", Partial(0, new Share(0, 0.5))).MeanMs;
        Assert.InRange(half, 0, whole);
        Assert.InRange(whole, 0, first / 10);
        Assert.InRange(first, 1.5, 1.7); // three kernels of a millisecond, half of each
    }

    [Fact]
    public void Observing_a_reduction_teaches_nothing_of_divisions_along_its_axis()
    {
        SlicePredictor predictor = Problem(partOfSum: 1).Predictor;
        var division = new SliceSpec(new KernelRange(0, 1), SliceAxis.Channels, Share.FirstHalf);
        double before = predictor.Predict("key of cpu", division).MeanMs;
        var reduction = new SliceSpec(All, SliceAxis.Channels, Share.FirstHalf) { Summands = 2 };
        predictor.Observe("key of cpu", reduction, new Latency(7, 0));
        Assert.Equal(before, predictor.Predict("key of cpu", division).MeanMs);
        Assert.Equal(7, predictor.Predict("key of cpu", reduction).MeanMs);
    }

    [Fact]
    public void Partial_sums_that_are_not_the_whole_are_refused()
    {
        SliceSpec reduction = SliceSpec.Of(All) with { Summands = 2 };
        (Share low, Share high) = (new Share(0, 0.5), new Share(0.5, 1));
        Assert.Equal(3, Assemble(Partial(0, low), Partial(1, high), reduction).Steps.Count);
        RequireRefused("cover every input channel once", Partial(0, low), Partial(1, new Share(0.6, 1)), reduction);
        RequireRefused("cover every input channel once", Partial(0, low), Partial(1, new Share(0.25, 1)), reduction);
        RequireRefused("cover every input channel once", Partial(0, high), Partial(1, low), reduction);
        RequireRefused("cover every input channel once", Partial(0, low), Partial(1, new Share(0.5, 0.9)), reduction);
        RequireRefused("before a step makes it", Partial(0, low), reduction);
        RequireRefused("another step makes too", Partial(0, low), Partial(0, high), reduction);
        RequireRefused("no step that makes the output", Partial(0, low), Partial(1, high));
    }

    [Fact]
    public void Partial_sums_that_cannot_be_are_refused()
    {
        Plan plan = Assemble(Partial(0, new Share(0, 0.5)), Partial(1, new Share(0.5, 1)), SliceSpec.Of(All) with { Summands = 2 });
        RequireNoPart(plan, 0, Partial(-1, new Share(0, 0.5)));
        RequireNoPart(plan, 0, Partial(SliceSpec.MostParts, new Share(0, 0.5)));
        RequireNoPart(plan, 0, Partial(0, new Share(0, 0.5)) with { Summands = 2 });
        RequireNoPart(plan, 2, SliceSpec.Of(All) with { Summands = 1 });
        RequireNoPart(plan, 2, SliceSpec.Of(All) with { Summands = -2 });
        RequireNoPart(plan, 2, SliceSpec.Of(All) with { Summands = int.MaxValue });
        RequireNoPart(plan, 2, SliceSpec.Of(All) with { Part = 1 });
        RequireNoPart(plan, 0, Partial(0, new Share(0, 0.5)) with { Precision = NumericPrecision.Int8 });
        RequireNoPart(plan, 2, SliceSpec.Of(All) with { Summands = 2, Precision = NumericPrecision.Int8 });
    }

    private static void RequireNoPart(Plan plan, int id, SliceSpec spec)
    {
        Step[] steps = [.. plan.Steps];
        steps[id] = steps[id] with { Slice = spec };
        PlanException e = Assert.Throws<PlanException>(
            () => PlanCheck.Require(plan with { Steps = steps }, Wide, new SliceKeys(Wide).Whole));
        Assert.Contains("is no part of the network", e.Message, StringComparison.Ordinal);
    }

    private static void RequireRefused(string reason, params SliceSpec[] specs)
    {
        PlanException e = Assert.Throws<PlanException>(() => Assemble(specs));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static Plan Assemble(params SliceSpec[] specs) => new PlanAssembler(Wide, new SliceKeys(Wide).Whole, 0)
        .Assemble("test", [.. specs.Select((spec, i) => new StepDraft(i % 2 == 0 ? "cpu" : "gpu", spec, 1))]);

    private static SliceSpec Partial(int part, Share share) => new(All, SliceAxis.InputChannels, share) { Part = part };

    private static bool IsOfPartialSums(Step step) => step.Slice.Axis == SliceAxis.InputChannels || step.Slice.Summands > 0;

    // Every kernel takes a millisecond on each processor; together they take a part of the sum. Rows gain nothing.
    private static PlanningProblem Problem(double partOfSum)
    {
        var keys = new SliceKeys(Wide);
        var profile = new Profile();
        foreach (string processor in new[] { "key of cpu", "key of gpu" })
        {
            foreach (Kernel kernel in Wide.Kernels)
            {
                var range = new KernelRange(kernel.Index, kernel.Index + 1);
                profile.Add(KnownLatencies.Sample(processor, keys.Of(range), kernel.Type, 1));
                profile.Add(KnownLatencies.Sample(
                    processor, keys.Of(new SliceSpec(range, SliceAxis.Rows, Share.FirstHalf)), kernel.Type, 1));
            }
            profile.Add(KnownLatencies.Sample(processor, keys.Whole, "all", partOfSum * Wide.Kernels.Count));
        }
        return new PlanningProblem(
            Wide, [new("cpu", "key of cpu"), new("gpu", "key of gpu")], null, new SlicePredictor(Wide, profile), 0.01);
    }

    private static Network Bottleneck()
    {
        var net = new GraphBuilder("bottleneck");
        Tensor x = net.Clip(net.Conv(net.Input("image", 1, 8, 16, 16), 64, 1));
        x = net.Clip(net.DepthwiseConv(x, 3, 1, 1));
        return KernelDetector.Detect(net.Build(1, net.Relu(net.Conv(x, 8, 1))));
    }
}
