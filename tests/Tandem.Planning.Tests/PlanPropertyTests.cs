using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;

namespace Tandem.Planning.Tests;

/// <summary>What holds of every policy's plan, whatever the network and the latencies.</summary>
public sealed class PlanPropertyTests
{
    private static readonly double[] Starts = [0, 0.25, 0.5, 0.75];
    private static readonly double[] Ends = [0.25, 0.5, 0.75, 1];

    // Those with 8-bit steps need measurements of 8-bit kernels too; QuantizedPolicyTests has them.
    // Others test those that need a second engine or half precision.
    public static TheoryData<string> Policies =>
    [
        .. PolicyRegistry.All.Where(p => p.Int8Measurements == Int8Measurements.None && !p.NeedsHalfMeasurements && p.Name != PolicyNames.CpuEngines).Select(p => p.Name),
    ];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Every_kernel_is_computed_fully_exactly_once_or_in_place(string policy) => ForAll(policy, (problem, plan) =>
    {
        foreach (Kernel kernel in problem.Network.Kernels)
        {
            Step[] all = [.. plan.Steps
                .Where(s => kernel.Index >= s.Slice.Kernels.First && kernel.Index < s.Slice.Kernels.End)
                .OrderBy(s => s.Slice.Share.Begin)];
            if (all.Length == 0)
            {
                Assert.NotNull(Concatenation.Of(problem.Network.Graph, kernel.Outputs[0]));
                continue;
            }
            Step[] reductions = [.. all.Where(s => s.Slice.Summands > 0)];
            Step[] steps = [.. all.Except(reductions)];
            RequireWhole(steps);
            if (reductions.Length > 0 || steps[0].Slice.Axis == SliceAxis.InputChannels)
            {
                RequireWhole(reductions);
                Assert.All(steps, s => Assert.Equal(SliceAxis.InputChannels, s.Slice.Axis));
                Assert.All(reductions, s => Assert.Equal((steps.Length, steps[0].Slice.Kernels), (s.Slice.Summands, s.Slice.Kernels)));
            }
        }
    });

    private static void RequireWhole(Step[] steps)
    {
        Assert.Single(steps.Select(s => (s.Slice.Kernels, s.Slice.Axis)).Distinct());
        Assert.Equal(0, steps[0].Slice.Share.Begin);
        Assert.Equal(1, steps[^1].Slice.Share.End);
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.Equal(pair.First.Slice.Share.End, pair.Second.Slice.Share.Begin));
        Assert.Equal(steps.Length, steps.Select(s => s.Processor).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Steps_wait_for_exactly_those_that_write_what_they_read(string policy) => ForAll(policy, (problem, plan) =>
    {
        var elements = new ElementWriters(problem.Network.Graph);
        Assert.Equal(Enumerable.Range(0, plan.Steps.Count), plan.Steps.Select(s => s.Id));
        foreach (Step step in plan.Steps)
        {
            Slice slice = step.Slice.Cut(problem.Network);
            Assert.Equal(slice.Inputs.SelectMany(elements.WritersOf).Distinct().Order(), step.DependsOn);
            Assert.All(slice.Outputs, output => elements.Write(output, step.Id));
        }
    });

    [Theory]
    [MemberData(nameof(Policies))]
    public void Prediction_is_that_of_a_simulation(string policy) => ForAll(policy, (problem, plan) =>
    {
        var keys = problem.Cooperating.Append(problem.AllCores!).ToDictionary(p => p.Name, p => p.Key);
        // Policies that do not learn from runs have a predictor of their own.
        double[] durations = [.. plan.Steps.Select(s => PolicyRegistry.Find(policy).LearnsFromRuns
            ? problem.Predictor.Predict(keys[s.Processor], s.Slice).MeanMs
            : s.PredictedMs)];
        Assert.Equal(Simulation.TotalMs(plan, durations, problem.HandOverMs), plan.PredictedMs, 1e-9);
    });

    [Theory]
    [MemberData(nameof(Policies))]
    public void Plan_survives_its_JSON_form(string policy) => ForAll(policy, (_, plan) =>
    {
        Plan read = PlanFile.FromJson(PlanFile.ToJson(plan));
        Assert.Equal((plan.Network, plan.NetworkSignature, plan.Policy), (read.Network, read.NetworkSignature, read.Policy));
        Assert.Equal(plan.Steps.Count, read.Steps.Count);
        foreach ((Step expected, Step actual) in plan.Steps.Zip(read.Steps))
        {
            Assert.Equal(expected.DependsOn, actual.DependsOn);
            Assert.Equal(expected, actual with { DependsOn = expected.DependsOn });
        }
        Assert.Equal(plan.PredictedMs, read.PredictedMs);
    });

    [Theory]
    [MemberData(nameof(Policies))]
    public void Plan_passes_the_check_and_no_wait_can_be_left_out(string policy) => ForAll(policy, (problem, plan) =>
    {
        string signature = problem.Predictor.Keys.Whole;
        Assert.Equal(plan.Steps.Count, PlanCheck.Require(plan, problem.Network, signature).Count);
        foreach (Step step in plan.Steps.Where(s => s.DependsOn.Count > 0))
        {
            Step[] steps = [.. plan.Steps];
            steps[step.Id] = step with { DependsOn = [.. step.DependsOn.Skip(1)] };
            PlanException e = Assert.Throws<PlanException>(
                () => PlanCheck.Require(plan with { Steps = steps }, problem.Network, signature));
            Assert.Contains("does not wait", e.Message, StringComparison.Ordinal);
        }
    });

    [Theory]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.MuLayerNoBranches)]
    [InlineData(PolicyNames.MuLayerFlopRatio)]
    [InlineData(PolicyNames.RowChains)]
    [InlineData(PolicyNames.Segments)]
    public void Refused_kernels_are_given_to_others(string policy) => PlanningCase.ForAll(seed =>
    {
        static bool Refuses(string processor, Kernel kernel) => processor == "key of gpu"
            ? kernel.Type.Contains("Pool", StringComparison.Ordinal)
            : kernel.Type.Contains("LeakyRelu", StringComparison.Ordinal) || kernel.Type == "Add";
        PlanningProblem problem = PlanningCase.Make(seed, Refuses);
        Plan plan = PolicyRegistry.Find(policy).MakePlan(problem);
        foreach (Step step in plan.Steps)
        {
            for (int k = step.Slice.Kernels.First; k < step.Slice.Kernels.End; k++)
            {
                Assert.False(Refuses($"key of {step.Processor}", problem.Network.Kernels[k]));
            }
        }
    });

    [Theory]
    [InlineData(PolicyNames.RowChains)]
    [InlineData(PolicyNames.Segments)]
    public void Segments_are_never_predicted_slower_than_one_processor(string policy) => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        double best = new[] { PolicyNames.Cpu, PolicyNames.Gpu }.Min(p => PolicyRegistry.Find(p).MakePlan(problem).PredictedMs);
        Assert.True(PolicyRegistry.Find(policy).MakePlan(problem).PredictedMs <= best + 1e-9);
    });

    [Fact]
    public void MuLayer_divides_single_layers_by_channels_at_its_coarse_ratios() => ForAll(PolicyNames.MuLayer, (_, plan) =>
    {
        Assert.All(plan.Steps, step =>
        {
            Assert.True(step.Slice.Kernels.Count == 1 || step.Slice.Axis == SliceAxis.None);
            Assert.NotEqual(SliceAxis.Rows, step.Slice.Axis);
            Assert.Contains(step.Slice.Share.Begin, Starts);
            Assert.Contains(step.Slice.Share.End, Ends);
        });
    });

    private static void ForAll(string policy, Action<PlanningProblem, Plan> property) => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        property(problem, PolicyRegistry.Find(policy).MakePlan(problem));
    });
}
