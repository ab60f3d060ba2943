using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Prediction.Codl;

namespace Tandem.Planning.Policies.Codl;

/// <summary>
/// What chains cost: CoDL's Eq. 2, T = T_trans + T_map + T_psync + max(T_cpu, T_gpu), the sharing paid once for a chain (a single
/// operator is a chain of one).
/// </summary>
/// <remarks>
/// Here each processor transforms, maps and copies what it shares on its own thread, at the same time as the other, so these
/// costs are inside the maximum; T_psync is the measured hand-over between the threads, not the constant of 1 ms that the paper takes
/// for phones. CoDL's published routine forgets the entry of chains of two and more; here entry and exit are charged.
/// </remarks>
internal sealed class ChainCosts
{
    private readonly PlanningProblem _problem;
    private readonly IComputeLatencies?[] _processors;
    private readonly Logits _logits;
    private readonly ChainPadding _padding;
    private readonly KernelShape[] _shapes;
    private readonly HashSet<string> _outputs;
    private readonly Dictionary<string, int> _lastReaders = [];
    private readonly Dictionary<(KernelRange Kernels, SliceAxis Axis), bool> _isDivisible = [];
    private readonly Dictionary<Chain, ChainCost> _known = [];

    /// <summary>Prepares a problem.</summary>
    /// <param name="problem">What is planned.</param>
    /// <param name="processors">The latencies of the two processors.</param>
    public ChainCosts(PlanningProblem problem, IComputeLatencies?[] processors)
    {
        _problem = problem;
        _processors = processors;
        _logits = new Logits(problem.Network);
        _padding = new ChainPadding(problem.Network);
        _shapes = [.. problem.Network.Kernels.Select(k => KernelShape.Of(k, problem.Network.Graph))];
        _outputs = [.. problem.Network.Graph.Outputs.Select(o => o.Name)];
        foreach (Kernel kernel in problem.Network.Kernels)
        {
            foreach (string input in kernel.Inputs)
            {
                _lastReaders[input] = kernel.Index;
            }
        }
    }

    /// <summary>The kernel at which chains from some kernel on end at the latest: the network's end or, in a progressive one, the next exit.</summary>
    public int StageEnd(int kernel) =>
        _problem.Stages is { } stages ? stages[stages.StageOf(kernel)].End : _problem.Network.Kernels.Count;

    /// <summary>What a chain takes.</summary>
    public ChainCost Of(Chain chain)
    {
        if (!_known.TryGetValue(chain, out ChainCost cost))
        {
            _known[chain] = cost = chain.IsDivided ? Divided(chain) : Alone(chain);
        }
        return cost;
    }

    /// <summary>The steps of a chain.</summary>
    public IEnumerable<StepDraft> Drafts(Chain chain)
    {
        ChainCost cost = Of(chain);
        double[] ms = [cost.FirstMs, cost.SecondMs];
        for (int p = 0; p < 2; p++)
        {
            if (chain.ShareOf(p).Size > 0)
            {
                yield return new StepDraft(_problem.FirstEngines[p].Name, chain.SliceOf(p), ms[p]);
            }
        }
    }

    private ChainCost Alone(Chain chain)
    {
        int processor = chain.FirstShare > 0 ? 0 : 1;
        if (_processors[processor] is not { } latencies
            || _problem.Predictor.Refusal(_problem.FirstEngines[processor].Key, chain.Kernels) is not null)
        {
            return ChainCost.Impossible;
        }
        double ms = 0;
        for (int k = chain.Kernels.First; k < chain.Kernels.End; k++)
        {
            ms += latencies.ComputeMs(_shapes[k]);
        }
        double bytes = Inputs(chain.Kernels).Concat(Outputs(chain.Kernels)).Sum(t => (double)_problem.Network.Graph.Tensors[t].SizeInBytes);
        ms += SharingMs(latencies, chain.Kernels, bytes, 0);
        return processor == 0 ? new(ms, 0, ms + _problem.HandOverMs) : new(0, ms, ms + _problem.HandOverMs);
    }

    private ChainCost Divided(Chain chain)
    {
        if (!IsDivisible(chain.Kernels, chain.Axis))
        {
            return ChainCost.Impossible;
        }
        var ms = new double[2];
        for (int p = 0; p < 2; p++)
        {
            double? part = chain.Axis == SliceAxis.Rows
                ? RowsMs(_processors[p]!, chain.Kernels, chain.ShareOf(p))
                : ChannelsMs(_processors[p]!, chain.Kernels, chain.ShareOf(p));
            if (part is null || !Slicer.CanCut(
                _problem.Network, chain.Kernels.First, chain.Kernels.End, chain.Axis, chain.ShareOf(p), out _))
            {
                return ChainCost.Impossible;
            }
            ms[p] = part.Value;
        }
        return new ChainCost(ms[0], ms[1], Math.Max(ms[0], ms[1]) + _problem.HandOverMs);
    }

    private double? RowsMs(IComputeLatencies latencies, KernelRange kernels, Share share)
    {
        if (_padding.Find(kernels, share) is not { } rows)
        {
            return null;
        }
        double ms = 0;
        for (int k = 0; k < kernels.Count; k++)
        {
            ms += rows.Kernels[k].Count > 0 ? latencies.ComputeMs(_shapes[kernels.First + k].WithRows(rows.Kernels[k].Count)) : 0;
        }
        double bytes = 0;
        double rowBytes = 0;
        foreach ((string tensor, RowRange range) in rows.Inputs.Concat(rows.Outputs))
        {
            Tensor whole = _problem.Network.Graph.Tensors[tensor];
            double part = (double)whole.SizeInBytes * range.Count / whole.Shape[2];
            bytes += part;
            rowBytes += range.Count < whole.Shape[2] ? part : 0;
        }
        return ms + SharingMs(latencies, kernels, bytes, rowBytes);
    }

    private double SharingMs(IComputeLatencies latencies, KernelRange kernels, double bytes, double rowBytes)
    {
        bool isTransformed = Enumerable.Range(kernels.First, kernels.Count).Any(k => _shapes[k].HasOwnLayout);
        return latencies.Sharing.SliceMs(isTransformed ? bytes : 0, rowBytes);
    }

    private double ChannelsMs(IComputeLatencies latencies, KernelRange kernels, Share share)
    {
        double ms = 0;
        HashSet<string> readWhole = [];
        for (int k = kernels.First; k < kernels.End; k++)
        {
            (long from, long to) = share.Indices(_shapes[k].Channels);
            ms += latencies.ComputeMs(_shapes[k].WithChannels(Math.Max(1, to - from)));
            if (_shapes[k].ReadsAllChannels)
            {
                readWhole.Add(KernelShape.HeadOf(_problem.Network.Kernels[k]).Inputs[0]);
            }
        }
        double bytes = Inputs(kernels).Concat(Outputs(kernels))
            .Sum(t => _problem.Network.Graph.Tensors[t].SizeInBytes * (readWhole.Contains(t) ? 1 : share.Size));
        return ms + SharingMs(latencies, kernels, bytes, 0);
    }

    private bool IsDivisible(KernelRange kernels, SliceAxis axis)
    {
        if (!_isDivisible.TryGetValue((kernels, axis), out bool isDivisible))
        {
            _isDivisible[(kernels, axis)] = isDivisible = _processors.Length == 2
                && _processors.All(p => p is not null)
                && !(axis == SliceAxis.Channels && _logits.AreMadeBy(kernels))
                && _problem.FirstEngines.Take(2).All(p => _problem.Predictor.Refusal(p.Key, kernels, axis) is null)
                && Slicer.CanCut(_problem.Network, kernels.First, kernels.End, axis, Share.FirstHalf, out _);
        }
        return isDivisible;
    }

    private HashSet<string> Inputs(KernelRange kernels)
    {
        HashSet<string> made = [];
        HashSet<string> read = [];
        for (int k = kernels.First; k < kernels.End; k++)
        {
            Kernel kernel = _problem.Network.Kernels[k];
            read.UnionWith(kernel.Inputs.Where(i => !made.Contains(i)));
            made.UnionWith(kernel.Outputs);
        }
        return read;
    }

    private IEnumerable<string> Outputs(KernelRange kernels)
    {
        for (int k = kernels.First; k < kernels.End; k++)
        {
            foreach (string output in _problem.Network.Kernels[k].Outputs)
            {
                if (_outputs.Contains(output) || _lastReaders.GetValueOrDefault(output, -1) >= kernels.End)
                {
                    yield return output;
                }
            }
        }
    }
}
