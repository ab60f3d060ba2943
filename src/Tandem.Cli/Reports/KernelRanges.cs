namespace Tandem.Cli.Reports;

/// <summary>Lists of kernel numbers as short text.</summary>
internal static class KernelRanges
{
    /// <summary>Such as "3", "12–17" or "3, 12–17".</summary>
    public static string Format(IReadOnlyList<int> indices)
    {
        int[] sorted = [.. indices.Distinct().Order()];
        List<string> ranges = [];
        for (int begin = 0, end; begin < sorted.Length; begin = end)
        {
            end = begin + 1;
            while (end < sorted.Length && sorted[end] == sorted[end - 1] + 1)
            {
                end++;
            }
            string first = NumberText.Integer(sorted[begin]);
            ranges.Add(end - begin == 1 ? first : $"{first}–{NumberText.Integer(sorted[end - 1])}");
        }
        return string.Join(", ", ranges);
    }
}
