using System.Globalization;
using Tandem.Graphs;

namespace Tandem.Progressive.Exits;

/// <summary>
/// Chooses how large each exit's head is. All begin with the cheapest; then they grow in turns, the earliest first as its features are the
/// poorest, each by one size as long as all together stay within the budget.
/// </summary>
internal static class HeadChoice
{
    private static readonly ExitHead[] ForImages =
    [
        new MeanHead(), new ConvolutionHead(8, 16, 32), new ConvolutionHead(16, 16, 32), new ConvolutionHead(16, 16, 64),
        new ConvolutionHead(16, 32, 64), new ConvolutionHead(16, 64, 128), new ConvolutionHead(16, 128, 256),
    ];

    private static readonly ExitHead[] ForVectors = [new NarrowHead(16), new NarrowHead(64), new MeanHead()];

    /// <summary>A head for each place.</summary>
    /// <param name="places">What the heads read.</param>
    /// <param name="classes">How many classes there are.</param>
    /// <param name="budget">Multiply-accumulates of one image that the heads take less than, together.</param>
    /// <exception cref="ExitException">Even the cheapest heads take more.</exception>
    public static ExitHead[] Within(IReadOnlyList<ExitPlace> places, long classes, double budget)
    {
        List<(ExitHead Head, long Macs)>[] sizes = [.. places.Select(place => Sizes(place.Tensor.Shape, classes))];
        double left = budget - sizes.Sum(size => size[0].Macs);
        if (left <= 0)
        {
            throw new ExitException(string.Create(CultureInfo.InvariantCulture,
                $"{places.Count} exits with the smallest heads for {classes} classes take {budget - left:N0} multiply-accumulates, "
                + $"but the budget is {budget:N0}; ask for fewer exits or a larger budget"));
        }
        int[] chosen = new int[places.Count];
        for (bool grew = true; grew;)
        {
            grew = false;
            int smallest = chosen.Where((size, i) => Fits(sizes[i], size, left)).DefaultIfEmpty(-1).Min();
            int next = Array.FindIndex(chosen, size => size == smallest);
            while (next >= 0 && !Fits(sizes[next], chosen[next], left))
            {
                next = Array.FindIndex(chosen, next + 1, size => size == smallest);
            }
            if (next >= 0)
            {
                left -= sizes[next][chosen[next] + 1].Macs - sizes[next][chosen[next]].Macs;
                chosen[next]++;
                grew = true;
            }
        }
        return [.. chosen.Select((size, i) => sizes[i][size].Head)];
    }

    private static bool Fits(List<(ExitHead Head, long Macs)> sizes, int size, double left) =>
        size + 1 < sizes.Count && sizes[size + 1].Macs - sizes[size].Macs < left;

    // A size that costs no less than a better one is never taken.
    private static List<(ExitHead Head, long Macs)> Sizes(Shape features, long classes)
    {
        bool isImage = features.Rank == 4 && features.Product(2, 4) > 1;
        List<(ExitHead Head, long Macs)> sizes = [];
        foreach (ExitHead head in isImage ? ForImages : ForVectors)
        {
            long macs = head.Macs(features, classes);
            sizes.RemoveAll(worse => worse.Macs >= macs);
            sizes.Add((head, macs));
        }
        return sizes;
    }
}
