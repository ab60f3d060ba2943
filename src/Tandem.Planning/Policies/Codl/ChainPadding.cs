using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies.Codl;

/// <summary>
/// The rows that every kernel of a row-divided chain computes: CoDL's Eq. 1, P = S (HO - 1) - HI + F, applied from the last
/// kernel back to the first, so that redundant rows grow with the chain's length. Branches that meet are joined to the hull of
/// what they need.
/// </summary>
internal sealed class ChainPadding
{
    private static readonly string[] Windowed = ["Conv", "MaxPool", "AveragePool", "LpPool"];

    // Their outputs have as many rows as their inputs at most by chance.
    private static readonly string[] Unsupported = ["ConvTranspose", "Transpose", "Reshape", "Resize", "Upsample", "Pad", "Slice"];

    private readonly Network _network;
    private readonly HashSet<string> _outputs;
    private readonly Dictionary<string, int> _lastReaders = [];
    private readonly Dictionary<Operator, Window?> _windows = [];

    /// <summary>Prepares a network.</summary>
    public ChainPadding(Network network)
    {
        _network = network;
        _outputs = [.. network.Graph.Outputs.Select(o => o.Name)];
        foreach (Kernel kernel in network.Kernels)
        {
            foreach (string input in kernel.Inputs)
            {
                _lastReaders[input] = kernel.Index;
            }
            foreach (Operator op in kernel.Operators)
            {
                _windows[op] = WindowOf(op);
            }
        }
    }

    /// <summary>The rows of a chain's share; null where CoDL does not divide one of its operators by rows, or a row share is empty.</summary>
    public ChainRows? Find(KernelRange kernels, Share share)
    {
        Dictionary<string, RowRange> needs = [];
        var rows = new RowRange[kernels.Count];
        HashSet<string> made = [];
        List<string> results = [];
        for (int k = kernels.End - 1; k >= kernels.First; k--)
        {
            Kernel kernel = _network.Kernels[k];
            foreach (string output in kernel.Outputs.Where(o => IsSeenOutside(o, kernels.End)))
            {
                if (_network.Graph.Tensors[output].Shape is not { Rank: 4 } shape || RowRange.Of(share, shape[2]) is not { } wanted)
                {
                    return null;
                }
                results.Add(output);
                Need(needs, output, wanted);
            }
            made.UnionWith(kernel.Operators.SelectMany(op => op.Outputs));
            if (!VisitBackwards(kernel, needs))
            {
                return null;
            }
            rows[k - kernels.First] = needs.GetValueOrDefault(Prediction.Codl.KernelShape.HeadOf(kernel).Outputs[0]);
        }
        return new ChainRows(
            rows,
            [.. needs.Where(n => !made.Contains(n.Key)).Select(n => (n.Key, n.Value))],
            [.. results.Select(r => (r, RowRange.Of(share, _network.Graph.Tensors[r].Shape[2])!.Value))]);
    }

    private bool VisitBackwards(Kernel kernel, Dictionary<string, RowRange> needs)
    {
        for (int i = kernel.Operators.Count - 1; i >= 0; i--)
        {
            Operator op = kernel.Operators[i];
            if (_windows[op] is not { } window)
            {
                return false;
            }
            if (!needs.TryGetValue(op.Outputs[0], out RowRange output))
            {
                continue;
            }
            foreach (string input in op.Inputs.Where(t => t.Length > 0 && !_network.Graph.Constants.ContainsKey(t)))
            {
                long height = _network.Graph.Tensors[input].Shape[2];
                RowRange read = window.Reads(output, height);
                if (read.Count <= 0)
                {
                    return false;
                }
                Need(needs, input, read);
            }
        }
        return true;
    }

    /// <summary>How an operator's rows depend on its inputs'; null where CoDL does not divide it by rows.</summary>
    private Window? WindowOf(Operator op)
    {
        Graph graph = _network.Graph;
        Shape[] variable = [.. op.Inputs.Where(i => i.Length > 0 && !graph.Constants.ContainsKey(i)).Select(i => graph.Tensors[i].Shape)];
        Shape output = graph.Tensors[op.Outputs[0]].Shape;
        if (output.Rank != 4 || variable.Any(s => s.Rank != 4) || Unsupported.Contains(op.Type))
        {
            return null;
        }
        if (Windowed.Contains(op.Type))
        {
            var window = SlidingWindow.Of(op, graph);
            return new Window(window.Strides[0], window.PadsBegin[0], (window.Kernel[0] - 1) * window.Dilations[0] + 1);
        }
        return variable.All(s => s[2] == output[2] || s[2] == 1) ? new Window(1, 0, 1) : null;
    }

    private bool IsSeenOutside(string tensor, int end) =>
        _outputs.Contains(tensor) || _lastReaders.GetValueOrDefault(tensor, -1) >= end;

    private static void Need(Dictionary<string, RowRange> needs, string tensor, RowRange rows) =>
        needs[tensor] = needs.TryGetValue(tensor, out RowRange known) ? known.Hull(rows) : rows;

    private readonly record struct Window(long Stride, long PadBegin, long Extent)
    {
        public RowRange Reads(RowRange output, long height) => height == 1
            ? new RowRange(0, 1)
            : new RowRange(
                Math.Max(0, output.From * Stride - PadBegin),
                Math.Min(height, (output.To - 1) * Stride - PadBegin + Extent));
    }
}

/// <summary>Rows [From, To) of a tensor.</summary>
internal readonly record struct RowRange(long From, long To)
{
    /// <summary>How many.</summary>
    public long Count => To - From;

    /// <summary>The rows of a share, or null where it holds none.</summary>
    public static RowRange? Of(Share share, long height)
    {
        (long from, long to) = share.Indices(height);
        return from < to ? new RowRange(from, to) : null;
    }

    /// <summary>The smallest range that holds both.</summary>
    public RowRange Hull(RowRange other) => new(Math.Min(From, other.From), Math.Max(To, other.To));
}

/// <summary>The rows that one processor computes and reads of a chain.</summary>
/// <param name="Kernels">The output rows of each kernel's head.</param>
/// <param name="Inputs">The rows of each tensor that is read from outside.</param>
/// <param name="Outputs">The rows of each tensor that others read.</param>
internal sealed record ChainRows(
    IReadOnlyList<RowRange> Kernels,
    IReadOnlyList<(string Tensor, RowRange Rows)> Inputs,
    IReadOnlyList<(string Tensor, RowRange Rows)> Outputs);
