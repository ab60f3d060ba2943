using Tandem.Graphs.Exits;

namespace Tandem.Planning;

/// <summary>The exits of plans of progressive networks.</summary>
internal static class PlanExits
{
    /// <summary>Where an exit is in a plan.</summary>
    /// <exception cref="PlanException">No step before makes its scores.</exception>
    public static PlanExit At(Exit exit, WrittenRanges written)
    {
        int last = written.MakersOf(exit.Output).DefaultIfEmpty(-1).Last();
        return last < 0
            ? throw new PlanException($"the plan goes on behind exit '{exit.Output}' before its scores are made")
            : new PlanExit(exit.Output, last);
    }

    /// <summary>Checks that a plan leaves where the network does.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="stages">The network's stages; null of an ordinary network.</param>
    /// <param name="written">What all steps of the plan make.</param>
    /// <exception cref="PlanException">It does not, or a step begins before it is decided whether it is needed.</exception>
    public static void Require(Plan plan, ExitStages? stages, WrittenRanges written)
    {
        IReadOnlyList<PlanExit> exits = plan.Exits ?? [];
        IEnumerable<PlanExit> expected = stages?.Description.Exits.Select(exit => At(exit, written)) ?? [];
        if (!exits.SequenceEqual(expected))
        {
            throw new PlanException("the plan's exits are not the network's: make a new one with 'tandem plan'");
        }
        foreach (Step step in stages is null ? [] : plan.Steps)
        {
            int stage = stages!.StageOf(step.Slice.Kernels.First);
            if (stages.AreCrossedBy(step.Slice.Kernels))
            {
                throw new PlanException($"step {step.Id} of the plan goes beyond exit '{exits[stage].Output}'");
            }
            if (stage > 0 && !step.DependsOn.Contains(exits[stage - 1].Step))
            {
                throw new PlanException($"step {step.Id} of the plan does not wait until exit '{exits[stage - 1].Output}' is decided");
            }
        }
    }
}
