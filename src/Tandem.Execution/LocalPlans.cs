using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>The plain plans that can take the place of one that failed.</summary>
internal static class LocalPlans
{
    /// <summary>Whether a step of an executor failed with this; a value that cannot be read or a wish to stop is no failure of a processor.</summary>
    public static bool AreNeeded(PlanExecutor executor, Exception e, CancellationToken cancellation) =>
        ReferenceEquals(executor.Failure, e) && !(e is OperationCanceledException && cancellation.IsCancellationRequested);

    /// <summary>
    /// The CPU first, then every core, then the others; none of a processor that hangs, because its core or driver would hang again, and
    /// not what failed.
    /// </summary>
    public static IEnumerable<Plan> Instead(PlanExecutor failed, Deployment deployment, LocalDevice device)
    {
        IReadOnlyList<string> hung = failed.Hung;
        string? failedAlone = failed.Plan.IsPlain ? failed.Plan.Steps[0].Processor : null;
        return new[] { LocalDevice.CpuName, LocalDevice.AllCoresName }
            .Union(device.ByName.Keys)
            .Where(name => device.ByName.ContainsKey(name) && !hung.Contains(name) && name != failedAlone)
            .Select(deployment.PlainPlan);
    }

    /// <summary>
    /// Runs an inference by the first of some plans that can; those before it are given up, because their processor refuses the network or
    /// has failed too.
    /// </summary>
    /// <param name="plans">The plans.</param>
    /// <param name="start">Makes a plan ready to run.</param>
    /// <param name="run">Runs the inference.</param>
    /// <param name="drop">Frees an executor that is of no use; null where it could not even be started.</param>
    /// <param name="failure">Why another plan is needed.</param>
    /// <param name="cancellation">What the inference is stopped by.</param>
    /// <param name="unanswered">Where no plan can, the failure itself if there was none to try, or all reasons.</param>
    /// <returns>The executor that ran it; null where no plan can.</returns>
    public static PlanExecutor? RunByFirst(
        IEnumerable<Plan> plans, Func<Plan, PlanExecutor> start, Action<PlanExecutor> run, Action<PlanExecutor?> drop,
        Exception failure, CancellationToken cancellation, out Exception unanswered)
    {
        unanswered = failure;
        List<string> reasons = [failure.Message];
        foreach (Plan next in plans)
        {
            PlanExecutor? executor = null;
            try
            {
                executor = start(next);
                run(executor);
                return executor;
            }
            catch (Exception e) when (executor is null ? e is TandemException : AreNeeded(executor, e, cancellation))
            {
                reasons.Add($"plan '{next.Policy}': {e.Message}");
                drop(executor);
                unanswered = new ProcessorFailedException($"no plan can run the network any more: {string.Join("; ", reasons)}", failure);
            }
            catch
            {
                drop(executor);
                throw;
            }
        }
        return null;
    }
}
