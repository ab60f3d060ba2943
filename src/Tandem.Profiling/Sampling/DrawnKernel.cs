using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Prediction.Kernels;

namespace Tandem.Profiling.Sampling;

/// <summary>A kernel with random sizes, whole or a part of its rows. Weights are drawn when it is built, so that thousands take no memory.</summary>
public sealed class DrawnKernel
{
    private const double PartsOfRows = 0.2;
    private const double LeastPart = 0.15;
    private const double MostPart = 0.9;

    // Nearly the largest kernels of usual networks; larger ones are no harder to predict and take most of the time.
    private const double MostMultiplies = 8e8;
    private const long MostWeights = 10_000_000;

    // Compiled, weights are there several times: in the graph, packed, and for Winograd's kernels four times as large.
    private const long CopiesOfWeights = 6;

    private readonly int _seed;
    private readonly int _index;

    private DrawnKernel(int seed, int index, Network network, SliceSpec slice)
    {
        (_seed, _index, Slice) = (seed, index, slice);
        Key = new SliceKeys(network).Of(slice);
        Configuration = KernelConfiguration.Of(network, slice)!.Value;
        Graph graph = network.Graph;
        HeldBytes = CopiesOfWeights * graph.Constants.Values.Sum(c => c.Tensor.SizeInBytes)
            + graph.Tensors.Values.Where(t => !graph.Constants.ContainsKey(t.Name)).Sum(t => t.SizeInBytes);
    }

    /// <summary>What it is, as stored with samples.</summary>
    public KernelConfiguration Configuration { get; }

    /// <summary>The part of the kernel that is measured.</summary>
    public SliceSpec Slice { get; }

    /// <summary>The key under which its samples are stored.</summary>
    public string Key { get; }

    /// <summary>About how much memory it takes while it is compiled, in bytes.</summary>
    public long HeldBytes { get; }

    /// <summary>Draws kernels, no two alike. With the same seed, fewer kernels are the first of more.</summary>
    /// <param name="seed">Equal seeds give equal kernels on every machine.</param>
    /// <returns>As many as are asked for.</returns>
    public static IEnumerable<DrawnKernel> Draw(int seed)
    {
        HashSet<string> seen = [];
        for (int index = 0; ; index++)
        {
            (Network network, SliceSpec slice) = Build(seed, index);
            if (IsUsual(network))
            {
                var kernel = new DrawnKernel(seed, index, network, slice);
                if (seen.Add(kernel.Key))
                {
                    yield return kernel;
                }
            }
        }
    }

    /// <summary>Builds the part that is measured, with seeded weights.</summary>
    public Slice Build()
    {
        (Network network, SliceSpec slice) = Build(_seed, _index);
        return slice.Cut(network);
    }

    private static (Network Network, SliceSpec Slice) Build(int seed, int index)
    {
        var draw = new ExtentDraw(seed, index);
        var builder = new GraphBuilder("sample");
        Tensor output = PickKind(draw).Build(draw, builder);
        Network network = AsOneKernel(builder.Build(seed, output));
        var range = new KernelRange(0, 1);
        if (draw.Chance(PartsOfRows))
        {
            double size = LeastPart + (MostPart - LeastPart) * draw.Fraction();
            double begin = draw.Chance(0.5) ? 0 : 1 - size;
            var share = new Share(begin, begin + size);
            if (Slicer.CanCut(network, 0, 1, SliceAxis.Rows, share, out _))
            {
                return (network, new SliceSpec(range, SliceAxis.Rows, share));
            }
        }
        return (network, SliceSpec.Of(range));
    }

    private static KernelKind PickKind(ExtentDraw draw)
    {
        double place = draw.Fraction() * KernelKind.All.Sum(k => k.Frequency);
        foreach (KernelKind kind in KernelKind.All)
        {
            place -= kind.Frequency;
            if (place < 0)
            {
                return kind;
            }
        }
        return KernelKind.All[^1];
    }

    /// <summary>All operators as one kernel, as runtimes that fuse residuals too run them.</summary>
    private static Network AsOneKernel(Graph graph) => new(graph,
    [
        new Kernel(
            0, string.Join('+', graph.Operators.Select(op => op.Type)), graph.Operators,
            [.. graph.Inputs.Select(i => i.Name)], [.. graph.Outputs.Select(o => o.Name)]),
    ]);

    private static bool IsUsual(Network network)
    {
        var whole = KernelConfiguration.Of(network, SliceSpec.Of(new KernelRange(0, 1)))!.Value.Shape;
        return whole.Work <= MostMultiplies && whole.Weights <= MostWeights;
    }
}
