using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Planning;

namespace Tandem.Progressive.Calibration;

/// <summary>
/// What it costs on each processor of a device to leave at each exit: the network up to there, with the heads on the way, as a
/// plain plan predicts it from the profile, which is measured where it lacks something.
/// </summary>
public static class PrefixCosts
{
    private const int Digits = 4;

    /// <summary>Predicts the costs of all exits.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="description">Its exits.</param>
    /// <param name="device">The processors.</param>
    /// <param name="options">How networks are profiled, and what processors draw.</param>
    /// <param name="cancellation">Stops between two measurements.</param>
    /// <returns>A row for each processor that can run the whole network.</returns>
    public static IReadOnlyList<ProcessorCost> Predict(
        Graph graph, ProgressiveDescription description, LocalDevice device, DeploymentOptions options, CancellationToken cancellation = default)
    {
        string[] outputs = [.. description.Exits.Select(exit => exit.Output)];
        List<Dictionary<string, (double Ms, double? Mj)>> exits = [];
        for (int exit = 0; exit < outputs.Length; exit++)
        {
            using var deployed = new Deployment(ExitPrefix.Of(graph, outputs[..(exit + 1)]), device, options);
            PlanningProblem problem = deployed.EnsureProfiled(cancellation);
            exits.Add(deployed.PlainPlans().ToDictionary(plan => plan.Processors[0], plan => (plan.PredictedMs, problem.EnergyOf(plan))));
        }
        return [.. exits[0].Keys.Where(processor => exits.All(exit => exit.ContainsKey(processor))).Select(processor => new ProcessorCost(
            processor,
            [.. exits.Select(exit => Math.Round(exit[processor].Ms, Digits))],
            exits.All(exit => exit[processor].Mj is not null) ? [.. exits.Select(exit => Math.Round(exit[processor].Mj!.Value, Digits))] : null))];
    }
}
