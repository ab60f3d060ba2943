using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Branches;
using Tandem.Prediction.MuLayer;

namespace Tandem.Planning.Policies;

/// <summary>What muLayer's two ways of distributing work cost by its own predictor, and the steps that they make.</summary>
internal sealed class MuLayerCosts
{
    private static readonly double[] Ratios = [0.25, 0.5, 0.75];

    private readonly PlanningProblem _problem;
    private readonly Divisions _divisions;
    private readonly Logits _logits;
    private readonly Dictionary<string, ILayerPredictor> _predictors;
    private readonly IReadOnlyDictionary<string, NumericPrecision> _precisions;

    /// <summary>Costs of a problem by a predictor and a precision for each processor, by name.</summary>
    public MuLayerCosts(
        PlanningProblem problem,
        IReadOnlyDictionary<string, ILayerPredictor> predictors,
        IReadOnlyDictionary<string, NumericPrecision> precisions)
    {
        _problem = problem;
        _divisions = new Divisions(problem, problem.FirstEngines);
        _logits = new Logits(problem.Network);
        _predictors = new(predictors);
        _precisions = precisions;
    }

    /// <summary>The best channel-wise distribution of one layer: on one processor, or divided at one of the coarse ratios.</summary>
    /// <exception cref="PlanException">No processor runs it.</exception>
    public (IReadOnlyList<StepDraft> Drafts, double CostMs) Layer(int kernel)
    {
        KernelRange layer = new(kernel, kernel + 1);
        List<StepDraft[]> ways =
            [.. _problem.FirstEngines.Where(p => Runs(p, kernel)).Select(p => new[] { Draft(p, SliceSpec.Of(layer)) })];
        if (_divisions.TeamsFor(layer, SliceAxis.Channels).FirstOrDefault(team => team.Count == 2) is { } pair)
        {
            ways.AddRange(Ratios
                .Select(ratio => _divisions.At(layer, SliceAxis.Channels, ratio))
                .OfType<SliceSpec[]>()
                .Select(slices => slices.Zip(pair, (slice, processor) => Draft(processor, slice)).ToArray()));
        }
        StepDraft[] best = ways.MinBy(TimeOf) ?? throw _divisions.Refused();
        return (best, TimeOf(best) + _problem.HandOverMs);

        static double TimeOf(StepDraft[] drafts) => drafts.Max(draft => draft.PredictedMs);
    }

    /// <summary>
    /// The best assignment of a region's branches to the first two processors, each whole; null where there is none that uses both.
    /// </summary>
    public (IReadOnlyList<StepDraft> Drafts, double CostMs)? Branches(BranchRegion region)
    {
        double[][] costs = [.. region.Branches.Select(branch => _problem.FirstEngines.Take(2).Select(p => BranchMs(p, branch)).ToArray())];
        bool[] makesLogits = [.. region.Branches.Select(branch => branch.Any(k => _logits.AreMadeBy(new(k, k + 1))))];
        int[]? best = BranchAssignment.Candidates(costs).Where(IsAllowed).MinBy(TimeOf);
        return best is null || double.IsInfinity(TimeOf(best))
            ? null
            : ([.. BranchAssignment.Runs(region, best).Select(run => Draft(_problem.FirstEngines[run.Processor], SliceSpec.Of(run.Kernels)))],
                TimeOf(best) + _problem.HandOverMs);

        // What one Softmax compares comes from one engine: branches that make such numbers stay together.
        bool IsAllowed(int[] processorOf) =>
            processorOf.Distinct().Count() == 2 && processorOf.Where((_, b) => makesLogits[b]).Distinct().Count() <= 1;

        double TimeOf(int[] processorOf) => BranchAssignment.LongestMs(costs, processorOf);
    }

    private bool Runs(PlanProcessor processor, int kernel) =>
        _problem.Predictor.Refusal(processor.Key, new KernelRange(kernel, kernel + 1)) is null;

    private double PredictMs(PlanProcessor processor, int kernel, double ratio) => _predictors[processor.Name].PredictMs(
        LayerFeatures.Of(_problem.Network.Graph, _problem.Network.Kernels[kernel], ratio));

    private StepDraft Draft(PlanProcessor processor, SliceSpec slice) => new(
        processor.Name,
        slice with { Precision = _precisions[processor.Name] },
        Enumerable.Range(slice.Kernels.First, slice.Kernels.Count).Sum(k => PredictMs(processor, k, slice.Share.Size)));

    private double BranchMs(PlanProcessor processor, IReadOnlyList<int> branch) =>
        branch.All(k => Runs(processor, k)) ? branch.Sum(k => PredictMs(processor, k, 1)) : double.PositiveInfinity;
}
