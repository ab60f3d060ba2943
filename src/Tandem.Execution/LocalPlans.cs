using Tandem.Planning;

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
        string? failedAlone = failed.Plan.Steps.Count == 1 ? failed.Plan.Steps[0].Processor : null;
        return new[] { LocalDevice.CpuName, LocalDevice.AllCoresName }
            .Union(device.ByName.Keys)
            .Where(name => device.ByName.ContainsKey(name) && !hung.Contains(name) && name != failedAlone)
            .Select(deployment.PlainPlan);
    }
}
