using Tandem.Graphs.Kernels;
using Tandem.Planning.Branches;

namespace Tandem.Planning.Policies;

/// <summary>Ways to give whole branches to processors (Kim et al., "muLayer", EuroSys 2019: branch distribution).</summary>
internal static class BranchAssignment
{
    // Above this many ways not every one is tried; instead each next longest branch goes where it ends first.
    private const double MostTried = 1024;

    /// <summary>Assignments worth looking at: for each branch the index of its processor.</summary>
    /// <param name="branchMs">For each branch what it takes on each processor, in milliseconds; infinite where that refuses it.</param>
    public static IEnumerable<int[]> Candidates(double[][] branchMs)
    {
        int processors = branchMs[0].Length;
        double ways = Math.Pow(processors, branchMs.Length);
        return ways <= MostTried
            ? Enumerable.Range(0, (int)ways).Select(way => Digits(way, processors, branchMs.Length))
            : [LongestFirst(branchMs, processors)];
    }

    /// <summary>How long the busiest processor is busy.</summary>
    public static double LongestMs(double[][] branchMs, int[] processorOf) => Enumerable.Range(0, branchMs[0].Length)
        .Max(processor => branchMs.Where((_, b) => processorOf[b] == processor).Sum(ms => ms[processor]));

    /// <summary>What each processor runs, in the network's order: its kernels that follow each other are one run.</summary>
    public static IEnumerable<(int Processor, KernelRange Kernels)> Runs(BranchRegion region, int[] processorOfBranch)
    {
        Dictionary<int, int> processorOf = region.Branches
            .SelectMany((branch, b) => branch.Select(kernel => (kernel, processor: processorOfBranch[b])))
            .ToDictionary(pair => pair.kernel, pair => pair.processor);
        for (int i = 0; i < region.Kernels.Count;)
        {
            int first = region.Kernels[i];
            int end = first;
            while (processorOf.TryGetValue(end, out int processor) && processor == processorOf[first])
            {
                end++;
                i++;
            }
            yield return (processorOf[first], new KernelRange(first, end));
        }
    }

    private static int[] Digits(int number, int radix, int count)
    {
        var digits = new int[count];
        for (int i = 0; i < count; i++)
        {
            (number, digits[i]) = Math.DivRem(number, radix);
        }
        return digits;
    }

    private static int[] LongestFirst(double[][] branchMs, int processors)
    {
        var processorOf = new int[branchMs.Length];
        var busyMs = new double[processors];
        foreach (int b in Enumerable.Range(0, branchMs.Length).OrderByDescending(b => branchMs[b].Max()))
        {
            int best = Enumerable.Range(0, processors).MinBy(p => busyMs[p] + branchMs[b][p]);
            processorOf[b] = best;
            busyMs[best] += branchMs[b][best];
        }
        return processorOf;
    }
}
