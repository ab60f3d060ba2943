using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>
/// Places tensors in one block of memory so that those that live at the same time do not overlap: greedily by size, as in
/// Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference" (2020).
/// </summary>
internal sealed class ArenaPlan
{
    private const long AlignmentInElements = 16;

    private readonly Dictionary<TensorNode, long> _offsets = [];
    private readonly List<(TensorNode Node, Lifetime Life, long Offset, long Size)> _placed = [];

    private ArenaPlan()
    {
    }

    /// <summary>Elements in all, with room for a vector to be read past the last one.</summary>
    internal long ElementCount { get; private set; }

    /// <summary>The first element of a tensor.</summary>
    internal long OffsetOf(TensorNode root) => _offsets[root];

    /// <summary>Places the tensors that the launches read and write and that have no other memory.</summary>
    internal static ArenaPlan Of(IReadOnlyList<Launch> launches)
    {
        var plan = new ArenaPlan();
        foreach ((TensorNode node, Lifetime life) in Lifetimes(launches).OrderByDescending(e => e.Key.Shape.ElementCount))
        {
            plan.Place(node, life);
        }
        plan.ElementCount += AlignmentInElements;
        return plan;
    }

    private static Dictionary<TensorNode, Lifetime> Lifetimes(IReadOnlyList<Launch> launches)
    {
        Dictionary<TensorNode, Lifetime> lifetimes = [];
        for (int i = 0; i < launches.Count; i++)
        {
            foreach (TensorUse use in launches[i].Reads.Concat(launches[i].Writes))
            {
                TensorNode root = use.Node.Root;
                if (root.Storage != TensorStorage.Arena)
                {
                    continue;
                }
                Lifetime life = lifetimes.GetValueOrDefault(root, new Lifetime(i, i));
                lifetimes[root] = launches[i].IsConstant ? new Lifetime(0, launches.Count) : life with { Last = Math.Max(life.Last, i) };
            }
        }
        return lifetimes;
    }

    private void Place(TensorNode node, Lifetime life)
    {
        long size = (node.Shape.ElementCount + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
        long offset = 0;
        foreach ((_, Lifetime other, long start, long length) in _placed.OrderBy(p => p.Offset))
        {
            bool together = life.First <= other.Last && other.First <= life.Last;
            if (together && offset < start + length && start < offset + size)
            {
                offset = start + length;
            }
        }
        _placed.Add((node, life, offset, size));
        _offsets[node] = offset;
        ElementCount = Math.Max(ElementCount, offset + size);
    }

    /// <summary>The launches from which to which a tensor is needed, both included.</summary>
    private readonly record struct Lifetime(int First, int Last);
}
