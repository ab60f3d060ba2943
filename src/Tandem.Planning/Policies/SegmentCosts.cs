using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Branches;

namespace Tandem.Planning.Policies;

/// <summary>What the ways to run a segment cost: on one processor, divided between several along an axis, or branch by branch.</summary>
/// <param name="problem">What is planned.</param>
/// <param name="accuracy">Lets processors with integer kernels run in 8 bits what it admits; null runs everything in float32.</param>
internal sealed class SegmentCosts(PlanningProblem problem, AccuracyBudget? accuracy = null)
{
    // Rounds of moving the shares towards balance; each needs a prediction for every processor.
    private const int BalanceRounds = 3;

    private readonly IReadOnlyList<PlanWorker> _workers = PlanWorker.Of(problem.Cooperating);
    private readonly Divisions _divisions = new(problem, problem.Cooperating);
    private readonly Dictionary<(string Processor, KernelRange Kernels, SliceAxis Axis), bool> _runsInt8 = [];

    /// <summary>
    /// No step at all, where the kernels are one concatenation whose operands can be made where they lie in its result; null where not.
    /// </summary>
    public Segment? InPlace(KernelRange kernels) =>
        kernels.Count == 1 && problem.Network.Kernels[kernels.First] is { Operators: [{ Type: "Concat" } concat] }
        && Concatenation.Of(problem.Network.Graph, concat.Outputs[0]) is not null
            ? new Segment(kernels, [], 0, 0)
            : null;

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
        .Select(team => axis == SliceAxis.InputChannels ? Summed(team, kernels) : Balanced(team, new SliceSpec(kernels, axis, Share.All)))
        .MinBy(segment => segment?.CostMs ?? double.MaxValue);

    /// <summary>
    /// Whole branches side by side, each processor running some; null where the region's kernels do not follow each other, one
    /// Softmax would compare what different engines made, or only one processor can run them.
    /// </summary>
    public Segment? Branches(BranchRegion region)
    {
        var kernels = new KernelRange(region.Kernels[0], region.Kernels[^1] + 1);
        if (kernels.Count != region.Kernels.Count || _workers.Count < 2 || _divisions.MakesLogits(kernels))
        {
            return null;
        }
        double[][] branchMs = [.. region.Branches.Select(branch => _workers.Select(w => w.Engines.Min(p => BranchMs(p, branch))).ToArray())];
        int[]? best = BranchAssignment.Candidates(branchMs)
            .Where(processorOf => processorOf.Distinct().Count() > 1)
            .MinBy(processorOf => BranchAssignment.LongestMs(branchMs, processorOf));
        if (best is null || double.IsInfinity(BranchAssignment.LongestMs(branchMs, best)))
        {
            return null;
        }
        List<PlanProcessor> processors = [.. problem.Cooperating];
        int[] engines = [.. best.Select((w, b) => processors.IndexOf(_workers[w].Engines.MinBy(p => BranchMs(p, region.Branches[b]))!))];
        StepDraft[] drafts = [.. BranchAssignment.Runs(region, engines).Select(run =>
            DraftOf(processors[run.Processor], SliceSpec.Of(run.Kernels), besideOthers: true))];
        double ms = _workers.Max(worker => worker.BusyMs(drafts)) + problem.HandOverMs;
        return new Segment(kernels, drafts, ms, problem.EnergyMillijoules(ms, drafts));
    }

    /// <inheritdoc cref="Divisions.Refused"/>
    public PlanException Refused() => _divisions.Refused();

    /// <summary>Partial sums side by side, and then their reduction: divided between the same processors, or on one of them.</summary>
    private Segment? Summed(IReadOnlyList<PlanProcessor> team, KernelRange kernels)
    {
        SliceSpec reduction = SliceSpec.Of(kernels) with { Summands = team.Count };
        Segment? partials = Balanced(team, new SliceSpec(kernels, SliceAxis.InputChannels, Share.All));
        Segment? sum = partials is null ? null : team.Select(processor => (Segment?)Make(kernels, [DraftOf(processor, reduction, besideOthers: false)]))
            .Append(Balanced(team, reduction with { Axis = SliceAxis.Channels }))
            .Append(Balanced(team, reduction with { Axis = SliceAxis.Rows }))
            .MinBy(segment => segment?.CostMs ?? double.MaxValue);
        return partials is null || sum is null ? null : new Segment(
            kernels,
            [.. partials.Drafts, .. sum.Drafts],
            partials.CostMs + sum.CostMs,
            partials.EnergyMillijoules + sum.EnergyMillijoules);
    }

    private Segment? Balanced(IReadOnlyList<PlanProcessor> team, SliceSpec whole)
    {
        KernelRange kernels = whole.Kernels;
        Segment? best = null;
        double[] sizes = [.. team.Select(_ => 1.0 / team.Count)];
        List<double[]> tried = [];
        for (int round = 0; round < BalanceRounds; round++)
        {
            if (_divisions.Snap(kernels, whole.Axis, sizes) is not { } cuts
                || tried.Any(cuts.SequenceEqual)
                || _divisions.At(whole, cuts) is not { } specs)
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

    private StepDraft DraftOf(PlanProcessor processor, SliceSpec spec, bool besideOthers)
    {
        spec = spec with { Precision = PrecisionOf(processor, spec) };
        return new(processor.Name, spec, problem.Predictor.Predict(processor.Key, spec, besideOthers).MeanMs);
    }

    private NumericPrecision PrecisionOf(PlanProcessor processor, SliceSpec spec)
    {
        bool isPartialSum = spec.Axis == SliceAxis.InputChannels || spec.Summands > 0;
        if (accuracy is null || !processor.HasIntegerKernels || isPartialSum)
        {
            return NumericPrecision.Float32;
        }
        if (!_runsInt8.TryGetValue((processor.Key, spec.Kernels, spec.Axis), out bool runsInt8))
        {
            _runsInt8[(processor.Key, spec.Kernels, spec.Axis)] = runsInt8 = accuracy.Admits(spec.Kernels)
                && problem.Predictor.Refusal(processor.Key, spec.Kernels, spec.Axis, NumericPrecision.Int8) is null;
        }
        return runsInt8 ? NumericPrecision.Int8 : NumericPrecision.Float32;
    }

    private Segment Make(KernelRange kernels, StepDraft[] drafts)
    {
        double ms = drafts.Max(draft => draft.PredictedMs) + problem.HandOverMs;
        return new Segment(kernels, drafts, ms, problem.EnergyMillijoules(ms, drafts));
    }
}
