using Tandem.Graphs.Kernels;
using Tandem.Prediction.Codl;

namespace Tandem.Planning.Policies.Codl;

/// <summary>CoDL's offline phase: fits the latencies of the two processors to the profile's samples of the network.</summary>
internal static class CodlProcessors
{
    /// <summary>The latencies of the first two processors; null for one that was not measured because it refuses every kernel.</summary>
    public static IComputeLatencies?[] Fit(PlanningProblem problem, bool fromOperations) =>
        [.. problem.FirstEngines.Take(2).Select(p => Fit(problem, p.Key, fromOperations))];

    private static IComputeLatencies? Fit(PlanningProblem problem, string processorKey, bool fromOperations)
    {
        CodlTrainingSet set = new CodlTrainingSet(processorKey, problem.Predictor.Profile).Add(problem.Network, problem.Predictor.Keys);
        MeasuredNetwork measured = set.Networks[0];
        if (measured.Kernels.Count == 0)
        {
            return null;
        }
        CodlPredictor predictor = set.Fit();
        if (!fromOperations)
        {
            return new BlockLatencies(predictor);
        }
        double operations = problem.Network.Kernels
            .Where(k => problem.Predictor.Refusal(processorKey, new KernelRange(k.Index, k.Index + 1)) is null)
            .Sum(k => KernelShape.Of(k, problem.Network.Graph).Work);
        return new OperationLatencies(predictor.Sharing, (measured.WholeMs ?? measured.SumMs) / Math.Max(1, operations));
    }
}
