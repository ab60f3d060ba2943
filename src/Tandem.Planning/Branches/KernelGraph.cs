using Tandem.Graphs;
using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Branches;

/// <summary>Which kernels of a network read what which others make. The inputs are made at -1 and the outputs read at the end.</summary>
internal sealed class KernelGraph
{
    /// <summary>What makes the inputs of the network.</summary>
    public const int Start = -1;

    private readonly SortedSet<int>[] _makers;
    private readonly SortedSet<int>[] _readers;
    private readonly int[] _nextForAll;

    public KernelGraph(Network network)
    {
        End = network.Kernels.Count;
        _makers = [.. network.Kernels.Select(_ => new SortedSet<int>())];
        _readers = [.. Enumerable.Range(0, End + 1).Select(_ => new SortedSet<int>())];
        Dictionary<string, int> madeBy = network.Kernels
            .SelectMany(kernel => kernel.Outputs.Select(output => (output, kernel.Index)))
            .ToDictionary(pair => pair.output, pair => pair.Index);
        foreach (Kernel kernel in network.Kernels)
        {
            foreach (string input in kernel.Inputs)
            {
                int maker = madeBy.GetValueOrDefault(input, Start);
                _makers[kernel.Index].Add(maker);
                _readers[maker + 1].Add(kernel.Index);
            }
        }
        foreach (Tensor output in network.Graph.Outputs)
        {
            _readers[madeBy.GetValueOrDefault(output.Name, Start) + 1].Add(End);
        }
        _nextForAll = new int[End + 1];
        _nextForAll[End] = End;
        for (int kernel = End - 1; kernel >= 0; kernel--)
        {
            _nextForAll[kernel] = MeetingPlace(ReadersOf(kernel));
        }
    }

    /// <summary>What reads the outputs of the network.</summary>
    public int End { get; }

    /// <summary>The kernels that make what a kernel reads.</summary>
    public IReadOnlyCollection<int> MakersOf(int kernel) => _makers[kernel];

    /// <summary>The kernels that read what a kernel (or <see cref="Start"/>) makes.</summary>
    public IReadOnlyCollection<int> ReadersOf(int kernel) => _readers[kernel + 1];

    /// <summary>The first kernel through which every way from all the given kernels goes: their nearest common post-dominator.</summary>
    public int MeetingPlace(IReadOnlyCollection<int> kernels) => kernels.Count == 0 ? End : kernels.Aggregate((a, b) =>
    {
        // Kernels are in an order in which they can run, so what post-dominates a kernel comes after it.
        while (a != b)
        {
            (a, b) = a < b ? (_nextForAll[a], b) : (a, _nextForAll[b]);
        }
        return a;
    });
}
