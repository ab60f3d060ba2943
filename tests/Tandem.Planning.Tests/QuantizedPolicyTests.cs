using System.Text.Json.Nodes;
using Tandem.Graphs.Quantization;
using Tandem.Planning.Policies;

namespace Tandem.Planning.Tests;

/// <summary>Policies with 8-bit steps, and plans that have such steps.</summary>
public sealed class QuantizedPolicyTests
{
    [Fact]
    public void Only_processors_with_integer_kernels_get_8_bit_steps()
    {
        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerInt8).MakePlan(PrecisionCase.Make());
        Assert.True(plan.IsQuantized);
        Assert.All(plan.Steps, step => Assert.Equal(
            step.Processor == "cpu" ? NumericPrecision.Int8 : NumericPrecision.Float32, step.Slice.Precision));
    }

    [Theory]
    [InlineData(PolicyNames.CpuInt8, "cpu")]
    [InlineData(PolicyNames.OrtInt8AllCores, "ort-all-cores")]
    public void Whole_network_is_one_8_bit_step_as_long_as_measured(string policy, string processor)
    {
        PlanningProblem problem = PrecisionCase.Make();
        Plan plan = PolicyRegistry.Find(policy).MakePlan(problem);
        Step step = Assert.Single(plan.Steps);
        Assert.Equal((processor, NumericPrecision.Int8), (step.Processor, step.Slice.Precision));
        Assert.Equal(PrecisionCase.Int8Ms, step.PredictedMs);
        PlanCheck.Require(plan, problem.Network, problem.Predictor.Keys.Whole);
    }

    [Theory]
    [InlineData(PolicyNames.MuLayerInt8)]
    [InlineData(PolicyNames.CpuInt8)]
    [InlineData(PolicyNames.OrtInt8AllCores)]
    public void Device_without_integer_kernels_has_no_such_plan(string policy)
    {
        var e = Assert.Throws<PlanException>(
            () => PolicyRegistry.Find(policy).MakePlan(PlanningCase.Make(PrecisionCase.Network, 1)));
        Assert.Contains("8-bit integers", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Missing_measurements_are_said_in_one_line()
    {
        PlanningProblem problem = PrecisionCase.Unmeasured();
        var e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.MuLayerInt8).MakePlan(problem));
        Assert.Contains("measurements of 8-bit kernels", e.Message, StringComparison.Ordinal);
        Assert.Throws<TandemException>(() => PolicyRegistry.Find(PolicyNames.CpuInt8).MakePlan(problem));
    }

    [Fact]
    public void No_8_bit_policy_is_compared_unless_asked_for() => Assert.All(
        PolicyRegistry.Compared, policy => Assert.Equal(Int8Measurements.None, policy.Int8Measurements));

    [Fact]
    public void Plan_file_names_the_precision_only_where_it_is_not_float32()
    {
        PlanningProblem problem = PrecisionCase.Make();
        string plain = PlanFile.ToJson(PolicyRegistry.Find(PolicyNames.MuLayer).MakePlan(problem));
        Assert.DoesNotContain("precision", plain, StringComparison.OrdinalIgnoreCase);
        Assert.False(PlanFile.FromJson(plain).IsQuantized);

        Plan plan = PolicyRegistry.Find(PolicyNames.MuLayerInt8).MakePlan(problem);
        Plan read = PlanFile.FromJson(PlanFile.ToJson(plan));
        Assert.Equal(plan.Steps.Select(s => s.Slice), read.Steps.Select(s => s.Slice));
        Assert.Equal(PlanFile.ToJson(plan), PlanFile.ToJson(read));
    }

    [Fact]
    public void Unknown_precision_is_refused_in_one_line()
    {
        PlanningProblem problem = PrecisionCase.Make();
        JsonNode json = JsonNode.Parse(PlanFile.ToJson(PolicyRegistry.Find(PolicyNames.CpuInt8).MakePlan(problem)))!;
        json["steps"]![0]!["slice"]!["precision"] = "Int3";
        Assert.DoesNotContain('\n', Assert.Throws<PlanException>(() => PlanFile.FromJson(json.ToJsonString())).Message);
        json["steps"]![0]!["slice"]!["precision"] = 7;
        var e = Assert.Throws<PlanException>(() => PlanCheck.Require(
            PlanFile.FromJson(json.ToJsonString()), problem.Network, problem.Predictor.Keys.Whole));
        Assert.DoesNotContain('\n', e.Message);
    }
}
