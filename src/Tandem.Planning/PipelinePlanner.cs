using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;

namespace Tandem.Planning;

/// <summary>
/// Plans a pipeline: the network cut by depth into stages, so that while one processor runs a stage of one inference, the others run stages
/// of the inferences before and after it.
/// </summary>
public static class PipelinePlanner
{
    // A processor that is good at some kinds of kernels may get several stretches of a network; each costs a hand-over.
    private const int StagesOfProcessor = 2;

    /// <summary>
    /// The pipeline whose busiest processor has the least to do for each inference, exact for the predicted times and at most
    /// twice as many stages as processors; null where no pipeline is better than one processor. Of hardware with several engines it uses
    /// the first.
    /// </summary>
    public static Plan? Make(PlanningProblem problem)
    {
        int[] cuts = [.. Places(problem.Network)];
        var costs = new StageCosts(problem, cuts);
        int processors = problem.FirstEngines.Count;
        IReadOnlyList<PipelineStage> stages = new PipelineSearch(cuts.Length - 1, processors, costs.Ms)
            .Find(processors * StagesOfProcessor, out _);
        return stages.Count > 1 ? problem.Assembler.Assemble(PolicyNames.Pipeline, [.. stages.Select(costs.DraftOf)]) : null;
    }

    /// <summary>What the processor that has most to do in a plan does for one inference, in milliseconds; 0 where that is not predicted.</summary>
    public static double BusiestMs(Plan plan) =>
        plan.Steps.GroupBy(step => step.Processor).Select(own => own.Sum(step => step.PredictedMs)).DefaultIfEmpty().Max();

    /// <summary>
    /// Where the network may be cut: everywhere in one that is not long, else where one tensor alone is alive, so that planning stays fast.
    /// </summary>
    private static IEnumerable<int> Places(Network network)
    {
        const int LongestCutEverywhere = 100;
        bool[] isCut = CutPoints.Find(network);
        return Enumerable.Range(0, isCut.Length).Where(place => isCut[place] || network.Kernels.Count <= LongestCutEverywhere);
    }

    private sealed class StageCosts(PlanningProblem problem, int[] cuts)
    {
        private readonly Dictionary<PipelineStage, double> _ms = [];
        private readonly bool[][] _canRun = [.. problem.FirstEngines.Select(processor => problem.Network.Kernels
            .Select(k => problem.Predictor.Refusal(processor.Key, new KernelRange(k.Index, k.Index + 1)) is null).ToArray())];

        /// <summary>What a stage takes, the hand-over to the next included.</summary>
        public double Ms(PipelineStage stage)
        {
            if (!_ms.TryGetValue(stage, out double ms))
            {
                _ms[stage] = ms = CanRun(stage) ? DraftOf(stage).PredictedMs + problem.HandOverMs : double.PositiveInfinity;
            }
            return ms;
        }

        public StepDraft DraftOf(PipelineStage stage)
        {
            PlanProcessor processor = problem.FirstEngines[stage.Processor];
            SliceSpec slice = SliceSpec.Of(KernelsOf(stage));
            return new StepDraft(processor.Name, slice, problem.Predictor.Predict(processor.Key, slice).MeanMs);
        }

        private KernelRange KernelsOf(PipelineStage stage) => new(cuts[stage.First], cuts[stage.End]);

        private bool CanRun(PipelineStage stage)
        {
            KernelRange kernels = KernelsOf(stage);
            return Array.IndexOf(_canRun[stage.Processor], false, kernels.First, kernels.Count) < 0;
        }
    }
}
