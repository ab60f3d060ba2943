using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Slicing;
using Tandem.Graphs.Tests.Slicing.Reference;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// Cuts a region into shares, runs every slice on the reference interpreter, and compares what they make with the
/// whole.
/// </summary>
internal sealed class PartitionCheck
{
    private const double RelativeTolerance = 1e-4;

    private readonly Network _network;
    private readonly Dictionary<string, float[]> _whole;

    public PartitionCheck(Network network, int seed = 1)
    {
        _network = network;
        _whole = Interpreter.Run(network.Graph, network.Graph.Inputs.ToDictionary(i => i.Name, i => Numbers(i, seed)));
    }

    /// <summary>A network in which every operator is a kernel.</summary>
    public static Network Unfused(Graph graph) => new(
        graph,
        [.. graph.Operators.Select((op, i) => new Kernel(i, op.Type, [op], [.. op.Inputs], [.. op.Outputs]))]);

    /// <summary>The shares between cuts, from 0 to 1.</summary>
    public static IReadOnlyList<Share> Shares(params IReadOnlyList<double> cuts)
    {
        double[] bounds = [0, .. cuts.Order(), 1];
        return [.. bounds.Zip(bounds.Skip(1), (begin, end) => new Share(begin, end))];
    }

    /// <summary>Whether every share holds something.</summary>
    public bool HasNoEmptyShare(IReadOnlyList<int> kernels, SliceAxis axis, IReadOnlyList<Share> shares) =>
        shares.All(s => Slicer.CanCut(_network, kernels, axis, s, out string reason)
            || !reason.Contains("holds none", StringComparison.Ordinal));

    /// <summary>Asserts that the slices cover every output element exactly once with the whole's numbers.</summary>
    public void Run(IReadOnlyList<int> kernels, SliceAxis axis, IReadOnlyList<Share> shares) => Run(shares.Select(share =>
    {
        Slice slice = Slicer.Cut(_network, kernels, axis, share);
        RequireOutlined(slice, Slicer.Outline(_network, kernels[0], kernels[^1] + 1, axis, share)!);
        return slice;
    }));

    /// <summary>
    /// Asserts that partial sums cover every input channel of the product exactly once, and that their reductions, cut along an
    /// axis, are the whole's numbers.
    /// </summary>
    public void RunPartialSums(KernelRange kernels, IReadOnlyList<Share> parts, SliceAxis axis, IReadOnlyList<Share> shares)
    {
        ProductSplit split = Slicer.SplitAtProduct(_network, kernels, out _)!;
        long next = 0;
        for (int part = 0; part < parts.Count; part++)
        {
            Slice slice = Cut(new SliceSpec(kernels, SliceAxis.InputChannels, parts[part]) { Part = part });
            Graph exported = Exported(slice);
            _whole[exported.Outputs[0].Name] = Interpreter.Run(exported, InputsOf(slice, exported))[exported.Outputs[0].Name];
            Tensor read = exported.Tensors[exported.Operators[^1].Inputs[0]];
            Assert.Equal(_network.Graph.Tensors[split.Product.Outputs[0]].Shape, exported.Outputs[0].Shape);
            Assert.Equal(next == 0 ? split.Product.Inputs.Count : 2, exported.Operators[^1].Inputs.Count);
            next += read.Shape[1];
        }
        Assert.Equal(_network.Graph.Tensors[split.Input].Shape[1], next);
        Run(shares.Select(share => Cut(new SliceSpec(kernels, axis, share) { Summands = parts.Count })));
    }

    private Slice Cut(SliceSpec spec)
    {
        Slice slice = spec.Cut(_network);
        RequireOutlined(slice, Slicer.Outline(_network, spec)!);
        return slice;
    }

    private void Run(IEnumerable<Slice> slices)
    {
        Dictionary<string, (float[] Values, int[] Writes)> outputs = [];
        foreach (Slice slice in slices)
        {
            Graph exported = Exported(slice);
            Dictionary<string, float[]> made = Interpreter.Run(exported, InputsOf(slice, exported));
            for (int i = 0; i < slice.Outputs.Count; i++)
            {
                Assert.Equal(slice.Outputs[i].Tensor.Name, exported.Outputs[i].Name);
                Write(outputs, slice.Outputs[i], made[exported.Outputs[i].Name]);
            }
        }
        Assert.NotEmpty(outputs);
        foreach ((string name, (float[] values, int[] writes)) in outputs)
        {
            Assert.Equal(-1, Array.FindIndex(writes, w => w != 1));
            AssertClose(_whole[name], values, name);
        }
    }

    private static Graph Exported(Slice slice) => OnnxFile.Parse(OnnxFile.Serialize(slice.Graph), "slice");

    private Dictionary<string, float[]> InputsOf(Slice slice, Graph exported)
    {
        var inputs = new Dictionary<string, float[]>();
        for (int i = 0; i < slice.Inputs.Count; i++)
        {
            SliceEnd end = slice.Inputs[i];
            Assert.Equal(end.Range.Of(end.Tensor.Shape), exported.Inputs[i].Shape);
            inputs.Add(exported.Inputs[i].Name, Read(end));
        }
        return inputs;
    }

    private void Write(Dictionary<string, (float[] Values, int[] Writes)> outputs, SliceEnd end, float[] made)
    {
        if (!outputs.TryGetValue(end.Tensor.Name, out var buffer))
        {
            int count = _whole[end.Tensor.Name].Length;
            outputs[end.Tensor.Name] = buffer = (new float[count], new int[count]);
        }
        int next = 0;
        foreach ((int start, int length) in Pieces(end))
        {
            made.AsSpan(next, length).CopyTo(buffer.Values.AsSpan(start));
            next += length;
            foreach (ref int writes in buffer.Writes.AsSpan(start, length))
            {
                writes++;
            }
        }
        Assert.Equal(made.Length, next);
    }

    private float[] Read(SliceEnd end)
    {
        float[] read = new float[end.Range.Of(end.Tensor.Shape).ElementCount];
        int next = 0;
        foreach ((int start, int length) in Pieces(end))
        {
            _whole[end.Tensor.Name].AsSpan(start, length).CopyTo(read.AsSpan(next));
            next += length;
        }
        return read;
    }

    // The pieces of memory in which a range lies.
    private static IEnumerable<(int Start, int Length)> Pieces(SliceEnd end)
    {
        Shape shape = end.Tensor.Shape;
        if (end.Range.IsWhole)
        {
            yield return (0, (int)shape.ElementCount);
            yield break;
        }
        int inner = (int)shape.Product(end.Range.Axis + 1, shape.Rank);
        int extent = (int)shape[end.Range.Axis];
        for (int outer = 0; outer < shape.Product(0, end.Range.Axis); outer++)
        {
            yield return ((int)((outer * extent) + end.Range.From) * inner,
                (int)(end.Range.To - end.Range.From) * inner);
        }
    }

    private static void AssertClose(float[] expected, float[] actual, string name)
    {
        double scale = Math.Max(1e-6, expected.Max(e => Math.Abs(e)));
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= RelativeTolerance * scale))
            {
                Assert.Fail($"{name}[{i}]: {actual[i]} instead of {expected[i]}");
            }
        }
    }

    private static float[] Numbers(Tensor tensor, int seed) =>
        new NoiseSource(seed, tensor.Name).Normal(tensor.Name, tensor.Shape).AsSpan<float>().ToArray();

    /// <summary>The outline, where the kernels are consecutive, says of the slice what building it shows.</summary>
    private void RequireOutlined(Slice slice, SliceOutline outline)
    {
        Assert.Equal(slice.Inputs, outline.Inputs);
        Assert.Equal(slice.Outputs, outline.Outputs);
        foreach ((string tensor, TensorRange range) in outline.Made)
        {
            // What is wider than the slice's result has another name in it.
            if (slice.Graph.Tensors.TryGetValue(tensor, out Tensor? made) && slice.Outputs.All(o => o.Tensor.Name != tensor))
            {
                Assert.Equal(range.Of(_network.Graph.Tensors[tensor].Shape), made.Shape);
            }
        }
    }
}
