using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Branches;

/// <summary>
/// Finds the parallel branches of a network, such as Inception modules, fire modules and projection shortcuts: between a kernel
/// that is read by several and the first kernel through which all ways from there go.
/// </summary>
public static class BranchFinder
{
    /// <summary>The outermost regions, in the order in which they run; they share no kernel.</summary>
    public static IReadOnlyList<BranchRegion> Find(Network network)
    {
        var graph = new KernelGraph(network);
        List<BranchRegion> found = [];
        for (int fork = graph.End - 1; fork >= KernelGraph.Start; fork--)
        {
            // From the end on, so that what lies inside is found before what lies around it.
            if (RegionAt(graph, fork) is { } region)
            {
                HashSet<int> kernels = [.. region.Kernels];
                BranchRegion[] inner = [.. found.Where(other => kernels.Contains(other.Kernels[0]))];
                found.RemoveAll(inner.Contains);
                found.Add(region with { Inner = [.. inner.OrderBy(r => r.Kernels[0])] });
            }
        }
        return [.. found.OrderBy(region => region.Kernels[0])];
    }

    private static BranchRegion? RegionAt(KernelGraph graph, int fork)
    {
        int join = graph.MeetingPlace(graph.ReadersOf(fork));
        if (join == graph.End)
        {
            return null;
        }
        SortedSet<int> between = [];
        var waiting = new Stack<int>(graph.ReadersOf(fork));
        while (waiting.TryPop(out int kernel))
        {
            if (kernel != join && between.Add(kernel))
            {
                foreach (int reader in graph.ReadersOf(kernel))
                {
                    waiting.Push(reader);
                }
            }
        }
        if (between.Any(kernel => graph.MakersOf(kernel).Any(maker => maker != fork && !between.Contains(maker))))
        {
            return null;
        }
        List<IReadOnlyList<int>> branches = Branches(graph, between);
        return branches.Count < 2 ? null : new BranchRegion(fork, join, branches, []);
    }

    /// <summary>The sets of kernels that no tensor connects.</summary>
    private static List<IReadOnlyList<int>> Branches(KernelGraph graph, SortedSet<int> between)
    {
        List<List<int>> branches = [];
        foreach (int kernel in between)
        {
            List<int>[] connected = [.. branches.Where(branch => graph.MakersOf(kernel).Any(branch.Contains))];
            branches.RemoveAll(connected.Contains);
            branches.Add([.. connected.SelectMany(branch => branch).Append(kernel).Order()]);
        }
        return [.. branches.OrderBy(branch => branch[0])];
    }
}
