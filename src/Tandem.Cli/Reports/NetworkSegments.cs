namespace Tandem.Cli.Reports;

/// <summary>Kernels that follow one another and belong to the same steps.</summary>
/// <param name="Begin">Position of the first one in the list of kernels.</param>
/// <param name="End">Position after the last one.</param>
internal readonly record struct NetworkSegment(int Begin, int End)
{
    /// <summary>How many kernels it has.</summary>
    public int Count => End - Begin;
}

/// <summary>Which steps run each kernel, and the segments that follow from it.</summary>
internal sealed class NetworkSegments
{
    private readonly int[][] _stepsOfKernel;

    public NetworkSegments(ReportModel model)
    {
        ILookup<int, int> stepsByIndex = model.Lanes
            .SelectMany(l => l.Predicted.Count > 0 ? l.Predicted : l.Measured ?? [])
            .SelectMany(s => s.Kernels.Select(k => (Kernel: k, Step: s.Id)))
            .ToLookup(p => p.Kernel, p => p.Step);
        _stepsOfKernel = [.. model.Kernels.Select(k => stepsByIndex[k.Index].Distinct().Order().ToArray())];
        All = Divide(model.Kernels);
    }

    /// <summary>The segments in the network's order; together they are all kernels.</summary>
    public IReadOnlyList<NetworkSegment> All { get; }

    /// <summary>Numbers of the steps that run a part of the kernel at this position.</summary>
    public IReadOnlyList<int> StepsOf(int position) => _stepsOfKernel[position];

    private List<NetworkSegment> Divide(IReadOnlyList<ReportKernel> kernels)
    {
        List<NetworkSegment> segments = [];
        int begin = 0;
        for (int i = 1; i <= kernels.Count; i++)
        {
            bool together = i < kernels.Count
                && _stepsOfKernel[i].AsSpan().SequenceEqual(_stepsOfKernel[i - 1])
                && kernels[i].Shares.SequenceEqual(kernels[i - 1].Shares);
            if (!together)
            {
                segments.Add(new NetworkSegment(begin, i));
                begin = i;
            }
        }
        return segments;
    }
}
