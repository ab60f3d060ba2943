using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

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

    /// <summary>Makes an assembler for a network.</summary>
    /// <param name="network">The network that is planned.</param>
    /// <param name="signature">Its signature.</param>
    /// <param name="handOverMs">What waiting for another processor costs each time, in milliseconds.</param>
    public PlanAssembler(Network network, string signature, double handOverMs)
    {
        _network = network;
        _signature = signature;
        _handOverMs = handOverMs;
    }

    /// <summary>The plan that these decisions, in this order, make.</summary>
    /// <exception cref="PlanException">The steps do not compute every tensor that is read.</exception>
    public Plan Assemble(string policy, IReadOnlyList<StepDraft> drafts)
    {
        var writers = new Dictionary<string, List<(int Step, TensorRange Range)>>();
        var processorFreeAt = new Dictionary<string, double>();
        List<Step> steps = new(drafts.Count);
        foreach (StepDraft draft in drafts)
        {
            Slice slice = draft.Slice.Cut(_network);
            int[] dependsOn = [.. slice.Inputs.SelectMany(input => WritersOf(input, writers)).Distinct().Order()];
            double start = processorFreeAt.GetValueOrDefault(draft.Processor);
            foreach (Step other in dependsOn.Select(id => steps[id]))
            {
                double handOver = other.Processor == draft.Processor ? 0 : _handOverMs;
                start = Math.Max(start, other.PredictedStartMs + other.PredictedMs + handOver);
            }
            var step = new Step(steps.Count, draft.Processor, draft.Slice, dependsOn, start, draft.PredictedMs);
            steps.Add(step);
            processorFreeAt[draft.Processor] = start + draft.PredictedMs;
            foreach (SliceEnd output in slice.Outputs)
            {
                Add(writers, output, step.Id);
            }
        }
        RequireOutputs(writers);
        return new Plan
        {
            Network = _network.Graph.Name,
            NetworkSignature = _signature,
            Policy = policy,
            Steps = steps,
        };
    }

    private IEnumerable<int> WritersOf(SliceEnd input, Dictionary<string, List<(int Step, TensorRange Range)>> writers)
    {
        if (_network.Graph.Producer(input.Tensor.Name) is null)
        {
            return [];
        }
        return writers.TryGetValue(input.Tensor.Name, out var pieces)
            ? pieces.Where(piece => Overlap(piece.Range, input.Range)).Select(piece => piece.Step)
            : throw new PlanException($"the plan reads tensor '{input.Tensor.Name}' before a step makes it");
    }

    private static bool Overlap(TensorRange a, TensorRange b) =>
        a.Axis != b.Axis || a.IsWhole || (a.From < b.To && b.From < a.To);

    private static void Add(Dictionary<string, List<(int Step, TensorRange Range)>> writers, SliceEnd output, int step)
    {
        if (!writers.TryGetValue(output.Tensor.Name, out var pieces))
        {
            writers[output.Tensor.Name] = pieces = [];
        }
        pieces.Add((step, output.Range));
    }

    private void RequireOutputs(Dictionary<string, List<(int Step, TensorRange Range)>> writers)
    {
        foreach (Tensor output in _network.Graph.Outputs)
        {
            if (_network.Graph.Producer(output.Name) is not null && !writers.ContainsKey(output.Name))
            {
                throw new PlanException($"the plan has no step that makes the output '{output.Name}'");
            }
        }
    }
}
