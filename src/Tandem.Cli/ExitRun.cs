using Tandem.Execution;
using Tandem.Execution.Exits;
using Tandem.Graphs.Exits;
using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Cli;

/// <summary>Where an input leaves a progressive network.</summary>
/// <param name="Taken">The exit, and what it says.</param>
/// <param name="Description">All exits.</param>
/// <param name="MedianMs">How long an inference takes to there, in milliseconds.</param>
internal sealed record ExitRun(ExitTaken Taken, ProgressiveDescription Description, double MedianMs)
{
    /// <summary>The number of the exit for people, from 1.</summary>
    public int Number => Taken.Exit + 1;

    /// <summary>The name of the class; null where it is not known.</summary>
    public string? ClassName => Taken.Class < Description.Classes.Count ? Description.Classes[Taken.Class] : null;

    /// <summary>Runs a plan until an exit is sure enough, several times.</summary>
    public static ExitRun Measure(
        Deployment deployed, Plan plan, ReferenceRun reference, ExitThresholds thresholds, int warmUps, int runs, CancellationToken cancellation)
    {
        using PlanExecutor executor = deployed.Start(plan);
        var times = new double[Math.Max(1, runs)];
        ExitTaken taken = default;
        for (int run = -warmUps; run < times.Length; run++)
        {
            taken = executor.RunToExit(reference, static (r, e) => r.Feed(e), thresholds, cancellation);
            if (run >= 0)
            {
                times[run] = taken.Milliseconds;
            }
        }
        return new ExitRun(taken, ProgressiveDescription.Of(deployed.Network.Graph)!, LatencyStatistics.Of(times).MedianMs);
    }
}
