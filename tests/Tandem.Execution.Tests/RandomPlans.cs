using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;

namespace Tandem.Execution.Tests;

/// <summary>Plans without sense but correct: random segments, divided anywhere, given to anybody, in any order; concatenations in place now and then.</summary>
internal static class RandomPlans
{
    public static Plan Make(Network network, int seed, params string[] processors)
    {
        var random = new Random(seed);
        var stages = ExitStages.Of(network);
        List<StepDraft> drafts = [];
        for (int first = 0; first < network.Kernels.Count;)
        {
            if (random.Next(2) == 0 && Concatenation.Of(network.Graph, network.Kernels[first].Outputs[0]) is not null)
            {
                first++;
                continue;
            }
            int end = Math.Min(stages?[stages.StageOf(first)].End ?? network.Kernels.Count, first + random.Next(1, 4));
            SliceSpec[] parts = Divide(network, new KernelRange(first, end), random);
            random.Shuffle(parts);
            drafts.AddRange(parts.Select(part => new StepDraft(processors[random.Next(processors.Length)], part, 1)));
            first = end;
        }
        return new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("random", drafts);
    }

    /// <summary>One step for each kernel, processors in turns.</summary>
    public static Plan Alternating(Network network, params string[] processors) =>
        new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("alternating", [.. network.Kernels.Select(k =>
            new StepDraft(processors[k.Index % processors.Length], SliceSpec.Of(new KernelRange(k.Index, k.Index + 1)), 1))]);

    private static SliceSpec[] Divide(Network network, KernelRange kernels, Random random)
    {
        SliceAxis axis = (SliceAxis)random.Next(3);
        double cut = 0.2 + random.NextDouble() * 0.6;
        Share[] shares = [new(0, cut), new(cut, 1)];
        return axis != SliceAxis.None && shares.All(s => Slicer.CanCut(network, kernels.First, kernels.End, axis, s, out _))
            ? [.. shares.Select(s => new SliceSpec(kernels, axis, s))]
            : [SliceSpec.Of(kernels)];
    }
}
