using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>
/// Lets reality correct plans: runs a policy's plan, tells the predictor what each step really took, plans again, and keeps the
/// plan that ran fastest.
/// </summary>
public sealed class PlanTuner
{
    private readonly PlanningProblem _problem;
    private readonly CompiledSlices _compiled;
    private readonly IReadOnlyDictionary<string, IProcessor> _processors;
    private readonly PlanTuning _tuning;
    private readonly Action<PlanExecutor> _fillInputs;
    private readonly TimeProvider _time;

    /// <summary>Makes a tuner.</summary>
    /// <param name="problem">What is planned; its predictor learns.</param>
    /// <param name="compiled">What is compiled of the network.</param>
    /// <param name="processors">The processors by name.</param>
    /// <param name="tuning">How much to spend.</param>
    /// <param name="fillInputs">Puts plausible contents into an executor's inputs.</param>
    /// <param name="time">The clock of the time limit.</param>
    public PlanTuner(
        PlanningProblem problem,
        CompiledSlices compiled,
        IReadOnlyDictionary<string, IProcessor> processors,
        PlanTuning tuning,
        Action<PlanExecutor> fillInputs,
        TimeProvider time)
    {
        _problem = problem;
        _compiled = compiled;
        _processors = processors;
        _tuning = tuning;
        _fillInputs = fillInputs;
        _time = time;
    }

    /// <summary>
    /// The best plan of a policy that running it could find; for a plain policy, and for one that does not learn from runs, its
    /// only plan.
    /// </summary>
    /// <exception cref="PlanException">The policy has no plan.</exception>
    public Plan Tune(IPolicy policy, CancellationToken cancellation = default)
    {
        Plan plan = policy.MakePlan(_problem);
        if (plan.IsPlain || !policy.LearnsFromRuns)
        {
            return plan;
        }
        long start = _time.GetTimestamp();
        Plan best = plan;
        double bestScore = double.PositiveInfinity;
        HashSet<string> tried = [];
        for (int round = 0; round < _tuning.Rounds && tried.Add(PlanShape.Of(plan)); round++)
        {
            if (round > 0 && _time.GetElapsedTime(start) > _tuning.TimeLimit)
            {
                break;
            }
            double score = _problem.Score(RunAndLearn(plan, cancellation), Repredict(plan));
            if (score < bestScore)
            {
                (best, bestScore) = (plan, score);
            }
            plan = policy.MakePlan(_problem);
            _compiled.Trim();
        }
        return Repredict(best);
    }

    private double RunAndLearn(Plan plan, CancellationToken cancellation)
    {
        using PlanExecutor executor = Start(plan);
        List<Trace> traces = [];
        LatencyStatistics total = InterleavedRuns.Measure(
            [executor], 2, _tuning.RunsPerRound, _ => traces.Add(executor.LastTrace), cancellation)[0];
        foreach (Step step in plan.Steps)
        {
            LatencyStatistics times = LatencyStatistics.Of(traces.Select(t => t.Steps[step.Id].DurationMs));
            _problem.Predictor.Observe(_processors[step.Processor].Info.Key, step.Slice, times.ToLatency());
        }
        return total.MedianMs;
    }

    private PlanExecutor Start(Plan plan)
    {
        var executor = new PlanExecutor(plan, _compiled, _processors);
        _fillInputs(executor);
        return executor;
    }

    /// <summary>The same plan with what is expected of it now.</summary>
    private Plan Repredict(Plan plan) => _problem.Assembler.Assemble(
        plan.Policy,
        [.. plan.Steps.Select(step => new StepDraft(
            step.Processor,
            step.Slice,
            _problem.Predictor.Predict(_processors[step.Processor].Info.Key, step.Slice).MeanMs))]);
}
