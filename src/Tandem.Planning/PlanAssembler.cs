using Tandem.Graphs.Costs;
using Tandem.Graphs.Exits;
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
        Stages = ExitStages.Of(network);
        _handOverMs = handOverMs;
    }

    /// <summary>The stages of a progressive network; null for an ordinary one.</summary>
    internal ExitStages? Stages { get; }

    /// <summary>
    /// The plan that these decisions, in this order, make. In a progressive network undivided steps that go beyond an exit are taken apart there,
    /// and all that comes after an exit waits until it is decided whether the inference leaves.
    /// </summary>
    /// <exception cref="PlanException">
    /// The steps do not compute everything that is read, or something twice, or a divided one goes beyond an exit.
    /// </exception>
    public Plan Assemble(string policy, IReadOnlyList<StepDraft> drafts)
    {
        var written = new WrittenRanges(_network.Graph);
        var freeAt = new Dictionary<string, double>();
        List<Step> steps = new(drafts.Count);
        List<PlanExit> exits = [];
        foreach (StepDraft draft in drafts.SelectMany(TakeApart))
        {
            int[] dependsOn = written.Add(steps.Count, draft.Slice, draft.Slice.Cut(_network));
            int stage = Stages?.StageOf(draft.Slice.Kernels.First) ?? 0;
            while (exits.Count < stage)
            {
                exits.Add(PlanExits.At(Stages!.Description.Exits[exits.Count], written));
            }
            dependsOn = exits.Count == 0 ? dependsOn : [.. dependsOn.Append(exits[^1].Step).Distinct().Order()];
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
        if (Stages is not null)
        {
            exits.Add(PlanExits.At(Stages.Description.Exits[^1], written));
        }
        return new Plan
        {
            Exits = Stages is null ? null : exits,
            Network = _network.Graph.Name,
            NetworkSignature = _signature,
            Policy = policy,
            Steps = steps,
        };
    }

    /// <summary>A step for each stage that an undivided step goes through; their times are in proportion to their products.</summary>
    private IEnumerable<StepDraft> TakeApart(StepDraft draft)
    {
        if (Stages?.AreCrossedBy(draft.Slice.Kernels) != true)
        {
            return [draft];
        }
        if (draft.Slice is not { Axis: SliceAxis.None, Summands: 0 })
        {
            throw new PlanException($"a divided step goes beyond an exit: {draft.Slice}");
        }
        KernelRange[] pieces = [.. Stages.Split(draft.Slice.Kernels)];
        double[] macs = [.. pieces.Select(MacsOf)];
        double sum = macs.Sum();
        return pieces.Zip(macs, (piece, own) => draft with
        {
            Slice = draft.Slice with { Kernels = piece },
            PredictedMs = draft.PredictedMs * (sum > 0 ? own / sum : 1.0 / pieces.Length),
        });
    }

    private double MacsOf(KernelRange kernels) => _network.Kernels.Skip(kernels.First).Take(kernels.Count)
        .SelectMany(kernel => kernel.Operators)
        .Sum(op => (double)OperatorCost.Of(op, _network.Graph).Macs);

    private string WorkerOf(string processor) => _workers.GetValueOrDefault(processor, processor);
}
