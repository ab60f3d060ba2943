using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>Plans with 8-bit steps where the user allows an error, on latencies and errors that are drawn from a seed.</summary>
public sealed class AccuracyBudgetTests
{
    // These cost what their steps say segment by segment, so that what was made least can be read off the plan.
    private static readonly SegmentPolicy Policy = new("no pairs, no branches", [SliceAxis.Channels, SliceAxis.Rows]);

    [Fact]
    public void Without_a_budget_plans_are_what_they_were() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem before = PlanningCase.Make(seed);
        PlanningProblem knowing = WithInt8(seed);
        foreach (IPolicy policy in PolicyRegistry.All.Where(p => p.UsesAccuracyBudget && p.Name != PolicyNames.CpuEngines))
        {
            string plan = PlanFile.ToJson(policy.MakePlan(before));
            Assert.Equal(plan, PlanFile.ToJson(policy.MakePlan(knowing)));
            Assert.Equal(plan, PlanFile.ToJson(policy.MakePlan(knowing with { Accuracy = new AccuracyBudget(1e-9, Errors(knowing, seed)) })));
            Assert.Equal(plan, PlanFile.ToJson(policy.MakePlan(before with { Accuracy = new AccuracyBudget(1, Errors(knowing, seed)) })));
        }
    });

    [Fact]
    public void Budget_is_kept_and_a_larger_one_is_never_slower() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(40),
        Prop.ForAll(
            Gen.Choose(0, 1_000_000).SelectMany(seed => Gen.Choose(1, 999).Two().Select(budgets => (seed, budgets))).ToArbitrary(),
            drawn =>
            {
                PlanningProblem problem = WithInt8(drawn.seed);
                double?[] errors = Errors(problem, drawn.seed);
                double exact = TotalMs(problem, Policy.MakePlan(problem));
                double small = MsWithin(Math.Min(drawn.budgets.Item1, drawn.budgets.Item2) / 1000.0);
                double large = MsWithin(Math.Max(drawn.budgets.Item1, drawn.budgets.Item2) / 1000.0);
                Assert.InRange(small, 0, exact + 1e-9);
                Assert.InRange(large, 0, small + 1e-9);

                double MsWithin(double allowed)
                {
                    var budget = new AccuracyBudget(allowed, errors);
                    Plan plan = Policy.MakePlan(problem with { Accuracy = budget });
                    PlanCheck.Require(plan, problem.Network, problem.Predictor.Keys.Whole);
                    Assert.InRange(budget.ErrorOf(plan), 0, allowed * (1 + 1e-9));
                    return TotalMs(problem, plan);
                }
            }));

    [Fact]
    public void Budget_for_everything_is_used_where_8_bits_are_faster() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = WithInt8(seed, fastest: 0.1, slowest: 0.11);
        double?[] errors = [.. problem.Network.Kernels.Select(_ => (double?)1e-4)];
        Plan plan = Policy.MakePlan(problem with { Accuracy = new AccuracyBudget(1, errors) });
        Assert.True(TotalMs(problem, plan) < TotalMs(problem, Policy.MakePlan(problem)));
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "cpu" ? NumericPrecision.Int8 : NumericPrecision.Float32, step.Slice.Precision));
    });

    [Fact]
    public void Kernel_that_ruins_the_outputs_stays_in_float32() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = WithInt8(seed, fastest: 0.1, slowest: 0.2);
        int ruinous = seed % problem.Network.Kernels.Count;
        double?[] errors = [.. problem.Network.Kernels.Select(k => k.Index == ruinous ? double.PositiveInfinity : (double?)1e-4)];
        Plan plan = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem with { Accuracy = new AccuracyBudget(1, errors) });
        Assert.DoesNotContain(plan.Steps, step => step.Slice.Precision == NumericPrecision.Int8
            && step.Slice.Kernels.First <= ruinous && ruinous < step.Slice.Kernels.End);
    });

    [Fact]
    public void Limits_of_energy_and_of_error_are_both_kept() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            PlanningProblem problem = WithInt8(seed);
            problem = problem with { Cooperating = [.. problem.Cooperating.Select(p => p with { Power = new(p.Name == "cpu" ? 2 : 9, 0.5) })] };
            double least = Energy(Policy.MakePlan(problem with { Objective = new(PlanGoal.Energy) }));
            double most = Energy(Policy.MakePlan(problem));
            double limit = (least + most) / 2 + 1e-9;
            var budget = new AccuracyBudget(0.05, Errors(problem, seed));
            Plan plan = Policy.MakePlan(problem with { Objective = new(PlanGoal.Latency, limit), Accuracy = budget });
            Assert.InRange(Energy(plan), 0, limit + 1e-9);
            Assert.InRange(budget.ErrorOf(plan), 0, 0.05 + 1e-9);

            double Energy(Plan p) => problem.EnergyMillijoules(
                TotalMs(problem, p), p.Steps.Select(s => new StepDraft(s.Processor, s.Slice, s.PredictedMs)));
        }));

    [Fact]
    public void Errors_add_up_as_squares_weighted_with_shares()
    {
        var budget = new AccuracyBudget(0.5, [0.3, null, 0.4]);
        SliceSpec all = SliceSpec.Of(new KernelRange(0, 3)) with { Precision = NumericPrecision.Int8 };
        Assert.Equal(0.25, budget.SquareOf(all), 12);
        Assert.Equal(0.0625, budget.SquareOf(all with { Axis = SliceAxis.Rows, Share = new Share(0.5, 0.75) }), 12);
        Assert.Equal(0, budget.SquareOf(all with { Precision = NumericPrecision.Float32 }));
        Assert.True(budget.Admits(new KernelRange(0, 2)));
        Assert.False(budget.Admits(new KernelRange(1, 2)));
    }

    [Theory]
    [InlineData(0.0, 0.1)]
    [InlineData(-1.0, 0.1)]
    [InlineData(double.NaN, 0.1)]
    [InlineData(0.1, -0.1)]
    [InlineData(0.1, double.NaN)]
    public void Numbers_that_are_no_errors_are_refused(double allowed, double kernelError) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AccuracyBudget(allowed, [kernelError]));

    [Fact]
    public void Plan_file_has_the_measured_error_where_there_is_one()
    {
        Plan plan = Policy.MakePlan(PlanningCase.Make(5));
        Assert.DoesNotContain("measuredError", PlanFile.ToJson(plan), StringComparison.Ordinal);
        Plan measured = plan with { MeasuredError = 0.0125 };
        Assert.Contains("\"measuredError\": 0.0125", PlanFile.ToJson(measured), StringComparison.Ordinal);
        Assert.Equal(0.0125, PlanFile.FromJson(PlanFile.ToJson(measured)).MeasuredError);
    }

    /// <summary>The problem of a seed on a CPU with integer kernels, which take a random part of what float32 takes.</summary>
    private static PlanningProblem WithInt8(int seed, double fastest = 0.2, double slowest = 1.3)
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        var random = new Random(seed);
        Profile profile = problem.Predictor.Profile;
        SliceKeys keys = problem.Predictor.Keys;
        foreach (SliceSpec slice in problem.Network.Kernels.Select(k => SliceSpec.Of(new(k.Index, k.Index + 1))).Append(SliceSpec.Of(problem.AllKernels)))
        {
            double factor = fastest + (slowest - fastest) * random.NextDouble();
            double ms = profile.Find("key of cpu", keys.Of(slice))!.MedianMilliseconds * factor;
            profile.Add(KnownLatencies.Sample("key of cpu", keys.Of(slice with { Precision = NumericPrecision.Int8 }), "int8", ms));
        }
        return problem with { Cooperating = [problem.Cooperating[0] with { HasIntegerKernels = true }, problem.Cooperating[1]] };
    }

    /// <summary>Errors between a hundred-thousandth and a third; some kernels have no integer kernel.</summary>
    private static double?[] Errors(PlanningProblem problem, int seed)
    {
        var random = new Random(seed + 1);
        return [.. problem.Network.Kernels.Select(_ => random.Next(6) == 0 ? null : (double?)Math.Pow(10, -0.5 - 4.5 * random.NextDouble()))];
    }

    private static double TotalMs(PlanningProblem problem, Plan plan) =>
        plan.Steps.GroupBy(s => s.Slice.Kernels).Sum(g => g.Max(s => s.PredictedMs) + problem.HandOverMs);
}
