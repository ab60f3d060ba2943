using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>
/// Divides every layer by output channels (pooling by its input channels) at the best of muLayer's coarse ratios 0, 1/4, 1/2, 3/4
/// and 1, with a synchronisation after each; layers that cannot be divided run on the faster processor.
/// </summary>
/// <remarks>Kim et al., "muLayer", EuroSys 2019: its channel-wise distribution in float32, without quantisation or branch distribution.</remarks>
public sealed class MuLayerPolicy : IPolicy
{
    private static readonly double[] Ratios = [0.25, 0.5, 0.75];

    /// <inheritdoc/>
    public string Name => PolicyNames.MuLayer;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        if (problem.Cooperating.Count < 2)
        {
            throw new PlanException($"policy '{Name}' needs two processors: 'tandem devices' lists what there is");
        }
        var costs = new SegmentCosts(problem);
        List<StepDraft> drafts = [];
        foreach (Kernel kernel in problem.Network.Kernels)
        {
            KernelRange layer = new(kernel.Index, kernel.Index + 1);
            Segment? alone = costs.OnOne(layer);
            Segment? divided = costs.Divided(layer, SliceAxis.Channels, Ratios);
            Segment best = (alone, divided) switch
            {
                (null, null) => throw costs.Refused(),
                (null, { } d) => d,
                ({ } a, null) => a,
                ({ } a, { } d) => d.CostMs < a.CostMs ? d : a,
            };
            drafts.AddRange(best.Drafts);
        }
        return problem.Assembler.Assemble(Name, drafts);
    }
}
