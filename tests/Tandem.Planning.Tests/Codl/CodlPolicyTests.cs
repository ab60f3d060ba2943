using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Planning.Policies.Codl;
using Tandem.Prediction;
using Tandem.Prediction.Codl;
using Tandem.Tests;

namespace Tandem.Planning.Tests.Codl;

public sealed class CodlPolicyTests
{
    public static TheoryData<string> Codls => [.. PolicyRegistry.All.OfType<CodlPolicy>().Select(p => p.Name)];

    [Fact]
    public void Plans_of_every_built_network_are_sound()
    {
        foreach (string name in ModelZoo.Names)
        {
            PlanningProblem problem = Worked(KernelDetector.Detect(ModelZoo.Make(name, 64)));
            foreach (CodlPolicy policy in PolicyRegistry.All.OfType<CodlPolicy>())
            {
                Plan plan = policy.MakePlan(problem);
                Assert.NotEmpty(PlanCheck.Require(plan, problem.Network, problem.Predictor.Keys.Whole));
                Assert.Equal(["cpu", "gpu"], plan.Processors.Order());
            }
        }
    }

    [Fact]
    public void Ablations_leave_out_what_they_are_named_after()
    {
        PlanningProblem problem = Worked(KernelDetector.Detect(ModelZoo.Make("vgg16", 64)));
        Assert.DoesNotContain(Divided(problem, PolicyNames.CodlNoChains), s => s.Slice.Kernels.Count > 1);
        Assert.DoesNotContain(Divided(problem, PolicyNames.CodlChannelsOnly), s => s.Slice.Axis == SliceAxis.Rows);
        Assert.DoesNotContain(Divided(problem, PolicyNames.CodlRowsOnly), s => s.Slice.Axis == SliceAxis.Channels);
        Assert.Contains(Divided(problem, PolicyNames.Codl), s => s.Slice.Kernels.Count > 1);
    }

    [Theory]
    [MemberData(nameof(Codls))]
    public void What_one_softmax_compares_is_not_divided_by_channels(string policy)
    {
        PlanningProblem problem = Worked(KernelDetector.Detect(ModelZoo.Make("squeezenet1.1", 64)));
        var logits = new Logits(problem.Network);
        Assert.All(Divided(problem, policy), s => Assert.False(s.Slice.Axis == SliceAxis.Channels && logits.AreMadeBy(s.Slice.Kernels)));
    }

    [Theory]
    [MemberData(nameof(Codls))]
    public void Refused_kernels_and_divisions_are_not_planned(string policy) => PlanningCase.ForAll(seed =>
    {
        static bool Refuses(string processor, Kernel kernel) => processor == "key of gpu"
            ? kernel.Type.Contains("Pool", StringComparison.Ordinal)
            : kernel.Type.Contains("LeakyRelu", StringComparison.Ordinal) || kernel.Type == "Add";
        PlanningProblem problem = PlanningCase.Make(seed, Refuses);
        SliceKeys keys = problem.Predictor.Keys;
        foreach (Kernel kernel in problem.Network.Kernels.Where(k => k.Index % 3 == 0))
        {
            problem.Predictor.Profile.AddRefusal(
                "key of cpu", keys.Of(new SliceSpec(new(kernel.Index, kernel.Index + 1), SliceAxis.Rows, Share.FirstHalf)), "no such half");
        }
        Plan plan = PolicyRegistry.Find(policy).MakePlan(problem);
        Assert.NotEmpty(PlanCheck.Require(plan, problem.Network, keys.Whole));
        foreach (Step step in plan.Steps)
        {
            Assert.Null(problem.Predictor.Refusal($"key of {step.Processor}", step.Slice.Kernels, step.Slice.Axis));
        }
    });

    [Fact]
    public void Kernel_that_nobody_runs_is_named_with_the_reasons()
    {
        Network network = RandomNetworks.Chain(4, 4);
        PlanningProblem problem = PlanningCase.Make(network, 1, (_, kernel) => kernel.Index == 2);
        PlanException e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.Codl).MakePlan(problem));
        Assert.Contains($"'{network.Kernels[2].Name}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_processor_is_not_enough()
    {
        Network network = RandomNetworks.Chain(4, 4);
        var predictor = new SlicePredictor(network, KnownLatencies.Of(network, 1, ["key of cpu"]));
        var problem = new PlanningProblem(network, [new("cpu", "key of cpu")], null, predictor, 0.01);
        PlanException e = Assert.Throws<PlanException>(() => PolicyRegistry.Find(PolicyNames.Codl).MakePlan(problem));
        Assert.Contains("needs two processors", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Observations_do_not_change_its_plan()
    {
        PlanningProblem problem = Worked(KernelDetector.Detect(ModelZoo.Make("tandem-demo")));
        IPolicy policy = PolicyRegistry.Find(PolicyNames.Codl);
        Assert.False(policy.LearnsFromRuns);
        Plan before = policy.MakePlan(problem);
        foreach (Step step in before.Steps)
        {
            problem.Predictor.Observe($"key of {step.Processor}", step.Slice, new Latency(step.PredictedMs * 3, 0));
        }
        Assert.Equal(PlanFile.ToJson(before), PlanFile.ToJson(policy.MakePlan(problem)));
    }

    private static IEnumerable<Step> Divided(PlanningProblem problem, string policy) =>
        PolicyRegistry.Find(policy).MakePlan(problem).Steps.Where(s => s.Slice.Axis != SliceAxis.None);

    /// <summary>Latencies worked out from operations and bytes, the second processor a little slower.</summary>
    private static PlanningProblem Worked(Network network)
    {
        var keys = new SliceKeys(network);
        var profile = new Profile();
        foreach (string processor in new[] { "cpu", "gpu" })
        {
            double slowness = processor == "gpu" ? 1.2 : 1;
            double sum = 0;
            foreach (Kernel kernel in network.Kernels)
            {
                KernelShape shape = KernelShape.Of(kernel, network.Graph);
                double ms = slowness * (shape.Work / 4e7 + (shape.Inputs + shape.Outputs) / 1e7 + 0.003);
                sum += ms;
                profile.Add(KnownLatencies.Sample($"key of {processor}", keys.Of(new KernelRange(kernel.Index, kernel.Index + 1)), kernel.Type, ms));
            }
            profile.Add(KnownLatencies.Sample($"key of {processor}", keys.Whole, "all", 0.9 * sum));
        }
        return new PlanningProblem(
            network, [new("cpu", "key of cpu"), new("gpu", "key of gpu")], null, new SlicePredictor(network, profile), 0.002);
    }
}
