using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;

namespace Tandem.Planning.Tests;

/// <summary>Plans that have no step for a concatenation.</summary>
public sealed class InPlaceTests
{
    private static readonly Network Joined = Make();
    private static readonly string Signature = Graphs.GraphSignature.Of(Joined.Graph);

    [Fact]
    public void What_reads_the_result_waits_for_what_makes_the_operands()
    {
        Plan plan = Assemble([Step(0), Step(1), Step(2), Half(4, 0, 0.5), Half(4, 0.5, 1)]);
        Assert.Equal([1, 2], plan.Steps[3].DependsOn);
        Assert.Equal([1, 2], plan.Steps[4].DependsOn);
        Assert.Equal(5, PlanCheck.Require(plan, Joined, Signature).Count);
    }

    [Fact]
    public void Only_the_operands_that_are_read_are_waited_for()
    {
        // Of the eight channels of each operand, half a MaxPool reads those of one.
        Plan plan = Assemble([Step(0), Step(1), Step(2), Half(4, 0, 0.5), Half(4, 0.5, 1)], Make(pools: true));
        Assert.Equal([1], plan.Steps[3].DependsOn);
        Assert.Equal([2], plan.Steps[4].DependsOn);
    }

    [Fact]
    public void Result_that_is_made_after_it_was_read_in_place_is_refused()
    {
        PlanException refused = Assert.Throws<PlanException>(() => Assemble([Step(0), Step(1), Step(2), Step(4), Step(3)]));
        Assert.Contains("which was read before", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operand_that_no_step_makes_is_missed()
    {
        PlanException refused = Assert.Throws<PlanException>(() => Assemble([Step(0), Step(1), Step(4)]));
        Assert.Contains("before a step makes it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Planner_has_no_step_for_concatenations_unless_it_is_told_to() => PlanningCase.ForAll(seed =>
    {
        PlanningProblem problem = PlanningCase.Make(seed);
        Plan with = PolicyRegistry.Find(PolicyNames.Segments).MakePlan(problem);
        Plan without = PolicyRegistry.Find(PolicyNames.TandemNoInPlace).MakePlan(problem);
        Assert.True(with.PredictedMs <= without.PredictedMs + 1e-9);
        foreach (Kernel kernel in problem.Network.Kernels)
        {
            Assert.Contains(without.Steps, s => s.Slice.Kernels.First <= kernel.Index && kernel.Index < s.Slice.Kernels.End);
            Assert.True(Concatenation.Of(problem.Network.Graph, kernel.Outputs[0]) is not null
                || with.Steps.Any(s => s.Slice.Kernels.First <= kernel.Index && kernel.Index < s.Slice.Kernels.End));
        }
    });

    private static Plan Assemble(IReadOnlyList<StepDraft> drafts, Network? network = null) =>
        new PlanAssembler(network ?? Joined, Signature, 0).Assemble("in place", drafts);

    private static StepDraft Step(int kernel) => new("cpu", SliceSpec.Of(new KernelRange(kernel, kernel + 1)), 1);

    private static StepDraft Half(int kernel, double begin, double end) =>
        new("cpu", new SliceSpec(new KernelRange(kernel, kernel + 1), SliceAxis.Channels, new Share(begin, end)), 1);

    // Kernels: 0 Relu, 1 and 2 convolutions, 3 Concat, 4 what reads it.
    private static Network Make(bool pools = false)
    {
        var net = new GraphBuilder("joined");
        Graphs.Tensor x = net.Relu(net.Input("image", 1, 4, 8, 8));
        Graphs.Tensor joined = net.Concat(net.Conv(x, 8, 1), net.Conv(x, 8, 3, pad: 1));
        return KernelDetector.Detect(net.Build(1, pools ? net.MaxPool(joined, 2, 2) : net.Conv(joined, 6, 1)));
    }
}
