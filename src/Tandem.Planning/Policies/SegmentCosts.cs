using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Branches;

namespace Tandem.Planning.Policies;

/// <summary>What the ways to run a segment cost: on one processor, divided between several along an axis, or branch by branch.</summary>
internal sealed class SegmentCosts(PlanningProblem problem)
{
    // Rounds of moving the shares towards balance; each needs a prediction for every processor.
    private const int BalanceRounds = 3;

    private readonly Divisions _divisions = new(problem);

    /// <summary>The kernels undivided, on each processor that does not refuse them.</summary>
    public IEnumerable<Segment> OnEach(KernelRange kernels)
    {
        foreach (PlanProcessor processor in problem.Cooperating)
        {
            if (problem.Predictor.Refusal(processor.Key, kernels) is null)
            {
                yield return Make(kernels, [DraftOf(processor, SliceSpec.Of(kernels), besideOthers: false)]);
            }
        }
    }

    /// <summary>The fastest division along an axis, between all processors or some; null where there is none.</summary>
    public Segment? Divided(KernelRange kernels, SliceAxis axis) => _divisions.TeamsFor(kernels, axis)
        .Select(team => Balanced(team, kernels, axis))
        .MinBy(segment => segment?.CostMs ?? double.MaxValue);

    /// <summary>
    /// Whole branches side by side, each processor running some; null where the region's kernels do not follow each other, one
    /// Softmax would compare what different engines made, or only one processor can run them.
    /// </summary>
    public Segment? Branches(BranchRegion region)
    {
        var kernels = new KernelRange(region.Kernels[0], region.Kernels[^1] + 1);
        if (kernels.Count != region.Kernels.Count || problem.Cooperating.Count < 2 || _divisions.MakesLogits(kernels))
        {
            return null;
        }
        double[][] branchMs = [.. region.Branches.Select(branch => problem.Cooperating.Select(p => BranchMs(p, branch)).ToArray())];
        int[]? best = BranchAssignment.Candidates(branchMs)
            .Where(processorOf => processorOf.Distinct().Count() > 1)
            .MinBy(processorOf => BranchAssignment.LongestMs(branchMs, processorOf));
        if (best is null || double.IsInfinity(BranchAssignment.LongestMs(branchMs, best)))
        {
            return null;
        }
        StepDraft[] drafts = [.. BranchAssignment.Runs(region, best).Select(run =>
            DraftOf(problem.Cooperating[run.Processor], SliceSpec.Of(run.Kernels), besideOthers: true))];
        double ms = drafts.GroupBy(draft => draft.Processor).Max(own => own.Sum(draft => draft.PredictedMs)) + problem.HandOverMs;
        return new Segment(kernels, drafts, ms, problem.EnergyMillijoules(ms, drafts));
    }

    /// <inheritdoc cref="Divisions.Refused"/>
    public PlanException Refused() => _divisions.Refused();

    private Segment? Balanced(IReadOnlyList<PlanProcessor> team, KernelRange kernels, SliceAxis axis)
    {
        Segment? best = null;
        double[] sizes = [.. team.Select(_ => 1.0 / team.Count)];
        List<double[]> tried = [];
        for (int round = 0; round < BalanceRounds; round++)
        {
            if (_divisions.Snap(kernels, axis, sizes) is not { } cuts
                || tried.Any(cuts.SequenceEqual)
                || _divisions.At(kernels, axis, cuts) is not { } specs)
            {
                break;
            }
            tried.Add(cuts);
            Segment segment = Make(kernels, [.. team.Zip(specs, (processor, spec) => DraftOf(processor, spec, team.Count > 1))]);
            best = best is null || segment.CostMs < best.CostMs ? segment : best;
            // Each side's time is taken as proportional to its share; the halo makes that an approximation, hence the rounds.
            double[] rates = [.. segment.Drafts.Select(draft => draft.Slice.Share.Size / draft.PredictedMs)];
            double sum = rates.Sum();
            sizes = [.. rates.Select(rate => rate / sum)];
        }
        return best;
    }

    private double BranchMs(PlanProcessor processor, IReadOnlyList<int> branch) =>
        branch.All(k => problem.Predictor.Refusal(processor.Key, new KernelRange(k, k + 1)) is null)
            ? branch.Sum(k => DraftOf(processor, SliceSpec.Of(new KernelRange(k, k + 1)), besideOthers: true).PredictedMs)
            : double.PositiveInfinity;

    private StepDraft DraftOf(PlanProcessor processor, SliceSpec spec, bool besideOthers) =>
        new(processor.Name, spec, problem.Predictor.Predict(processor.Key, spec, besideOthers).MeanMs);

    private Segment Make(KernelRange kernels, StepDraft[] drafts)
    {
        double ms = drafts.Max(draft => draft.PredictedMs) + problem.HandOverMs;
        return new Segment(kernels, drafts, ms, problem.EnergyMillijoules(ms, drafts));
    }
}
