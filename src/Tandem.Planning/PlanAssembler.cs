using Tandem.Graphs.Kernels;

namespace Tandem.Planning;

/// <summary>
/// Makes a plan of a policy's decisions: finds what each step waits for from the tensors it reads, and when it is expected to
/// start.
/// </summary>
public sealed class PlanAssembler
{
    private readonly Network _network;
    private readonly string _signature;
    private readonly double _handOverMs;
    private readonly IReadOnlyDictionary<string, string> _workers;

    /// <summary>Makes an assembler for a network.</summary>
    /// <param name="network">The network that is planned.</param>
    /// <param name="signature">Its signature.</param>
    /// <param name="handOverMs">What waiting for another processor costs each time, in milliseconds.</param>
    /// <param name="workers">The workers of processors that share one, by their names; the others have one each.</param>
    public PlanAssembler(Network network, string signature, double handOverMs, IReadOnlyDictionary<string, string>? workers = null)
    {
        _workers = workers ?? new Dictionary<string, string>();
        _network = network;
        _signature = signature;
        _handOverMs = handOverMs;
    }

    /// <summary>The plan that these decisions, in this order, make.</summary>
    /// <exception cref="PlanException">The steps do not compute everything that is read, or something twice.</exception>
    public Plan Assemble(string policy, IReadOnlyList<StepDraft> drafts)
    {
        var written = new WrittenRanges(_network.Graph);
        var freeAt = new Dictionary<string, double>();
        List<Step> steps = new(drafts.Count);
        foreach (StepDraft draft in drafts)
        {
            int[] dependsOn = written.Add(steps.Count, draft.Slice.Cut(_network));
            string worker = WorkerOf(draft.Processor);
            double start = freeAt.GetValueOrDefault(worker);
            foreach (Step other in dependsOn.Select(id => steps[id]))
            {
                double handOver = WorkerOf(other.Processor) == worker ? 0 : _handOverMs;
                start = Math.Max(start, other.PredictedStartMs + other.PredictedMs + handOver);
            }
            var step = new Step(steps.Count, draft.Processor, draft.Slice, dependsOn, start, draft.PredictedMs);
            steps.Add(step);
            freeAt[worker] = start + draft.PredictedMs;
        }
        written.RequireOutputs();
        return new Plan
        {
            Network = _network.Graph.Name,
            NetworkSignature = _signature,
            Policy = policy,
            Steps = steps,
        };
    }

    private string WorkerOf(string processor) => _workers.GetValueOrDefault(processor, processor);
}
