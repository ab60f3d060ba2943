using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

/// <summary>Two real processors compute what one session computes, whoever asks at the same time.</summary>
public sealed class ExecutorOutputTests
{
    private const int Threads = 4;
    private const int RunsOfEach = 5;

    // Those with 8-bit steps have other outputs by design.
    // NetworkPolicyTests has second engines, HalfPlanTests half precision.
    public static TheoryData<string> Policies =>
    [
        .. PolicyRegistry.All.Where(p => p.Int8Measurements == Int8Measurements.None && !p.NeedsHalfMeasurements
            && p.Name != PolicyNames.CpuEngines).Select(p => p.Name),
    ];

    [Theory]
    [MemberData(nameof(Policies))]
    public void Outputs_are_right_for_four_threads_at_once(string policy)
    {
        using LocalDevice device = TestDevice.Open();
        RequireRightOutputs(PolicyRegistry.Find(policy).MakePlan(Problem(seed: 3)), device.ByName);
    }

    [Fact]
    public void Outputs_are_right_where_everything_is_divided()
    {
        using LocalDevice device = TestDevice.Open();
        Plan plan = TestDevice.Halves(TestDevice.Network);
        Assert.Equal(2, plan.Processors.Count);
        RequireRightOutputs(plan, device.ByName);
    }

    [Fact]
    public void Outputs_are_right_for_plans_without_sense()
    {
        using LocalDevice device = TestDevice.Open();
        for (int seed = 0; seed < 4; seed++)
        {
            RequireRightOutputs(RandomPlans.Make(TestDevice.Network, seed, "cpu", "gpu", "ort-all-cores"), device.ByName);
        }
    }

    private static PlanningProblem Problem(int seed)
    {
        Profile profile = KnownLatencies.Of(TestDevice.Network, seed, ["1", "2", "3"]);
        return new PlanningProblem(
            TestDevice.Network, [new("cpu", "1"), new("gpu", "2")], new("ort-all-cores", "3"),
            new SlicePredictor(TestDevice.Network, profile), 0.001);
    }

    private static void RequireRightOutputs(Plan plan, IReadOnlyDictionary<string, IProcessor> processors)
    {
        Graph model = TestDevice.Model;
        float[][] inputs = [.. Enumerable.Range(1, Threads).Select(TestDevice.Input)];
        float[][] expected = [.. inputs.Select(TestDevice.Reference)];
        using var compiled = new CompiledSlices(TestDevice.Network);
        using var executor = new PlanExecutor(plan, compiled, processors);
        var failures = new Exception?[Threads];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() => failures[t] = Record.Exception(() =>
        {
            for (int run = 0; run < RunsOfEach; run++)
            {
                executor.Run(
                    t,
                    (i, e) => inputs[i].CopyTo(e.Memory(model.Inputs[0].Name).AsSpan<float>()),
                    (i, e) => TestDevice.RequireEqual(expected[i], e.Memory(model.Outputs[0].Name).AsSpan<float>()));
            }
        })))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(failures, Assert.Null);
    }
}
