namespace Tandem.Cli.Reports;

/// <summary>
/// All that a report shows, as plain data: whoever has a plan, with or without a measured run of it, fills this in. Only
/// <see cref="NetworkName"/> is required; a part of the page whose data is absent is left out.
/// </summary>
public sealed record ReportModel
{
    /// <summary>The page's title, as the browser shows it; made from the network's name where it is null.</summary>
    public string? Title { get; init; }

    /// <summary>The network's name, such as "ResNet-50".</summary>
    public required string NetworkName { get; init; }

    /// <summary>Lines under the headline: the machine, the processors, the date.</summary>
    public IReadOnlyList<string> Subtitle { get; init; } = [];

    /// <summary>The policies that were compared, in the order in which they are listed.</summary>
    public IReadOnlyList<ReportPolicy> Policies { get; init; } = [];

    /// <summary>The latency, in milliseconds, if the processors shared the work perfectly and for nothing.</summary>
    public double? IdealMs { get; init; }

    /// <summary>The network's kernels in the order in which they run.</summary>
    public IReadOnlyList<ReportKernel> Kernels { get; init; } = [];

    /// <summary>One lane for each processor of the plan.</summary>
    public IReadOnlyList<ReportLane> Lanes { get; init; } = [];
}

/// <summary>What a policy's plan keeps busy; decides what the headline compares with.</summary>
public enum ReportPolicyKind
{
    /// <summary>Several processors share the network.</summary>
    Cooperative,
    /// <summary>One processor runs the whole network.</summary>
    SingleProcessor,
    /// <summary>One engine runs the whole network on all cores: a plain plan, but no single processor of the plan.</summary>
    AllCores,
}

/// <summary>One row of the table of policies. What is unknown is null.</summary>
/// <param name="Name">The policy's name, such as "tandem".</param>
/// <param name="Kind">What its plan keeps busy.</param>
public sealed record ReportPolicy(string Name, ReportPolicyKind Kind)
{
    /// <summary>Whether the rest of the page shows this policy's plan.</summary>
    public bool IsChosen { get; init; }

    /// <summary>Median measured latency in milliseconds.</summary>
    public double? MedianMs { get; init; }

    /// <summary>The measured latency in milliseconds that a tenth of the runs stayed below.</summary>
    public double? P10Ms { get; init; }

    /// <summary>The measured latency in milliseconds that nine tenths of the runs stayed below.</summary>
    public double? P90Ms { get; init; }

    /// <summary>Predicted latency in milliseconds.</summary>
    public double? PredictedMs { get; init; }

    /// <summary>Latency of the best plain plan divided by this policy's: above 1 is faster.</summary>
    public double? Speedup { get; init; }

    /// <summary>The largest relative error of any output against plain ONNX Runtime.</summary>
    public double? MaxRelativeError { get; init; }

    /// <summary>The measured median, or the prediction where nothing was measured, in milliseconds.</summary>
    public double? LatencyMs => MedianMs ?? PredictedMs;
}

/// <summary>A kernel and who runs it.</summary>
/// <param name="Index">Its place in the network.</param>
/// <param name="Name">Its name, such as "res4a_branch2b".</param>
/// <param name="Type">Its operators, such as "Conv+Relu".</param>
/// <param name="OutputShape">The shape of its output, such as "1x256x14x14"; empty where unknown.</param>
/// <param name="Macs">Multiply-accumulate operations.</param>
/// <param name="Shares">
/// The processors that run it and their fractions of its output (0..1), in lane order; none for a concatenation in place.
/// </param>
public sealed record ReportKernel(
    int Index,
    string Name,
    string Type,
    string OutputShape,
    long Macs,
    IReadOnlyList<ReportShare> Shares);

/// <summary>A processor's part of a kernel.</summary>
/// <param name="Processor">Name of the processor.</param>
/// <param name="Fraction">The fraction of the kernel's output that it computes, 0..1.</param>
public readonly record struct ReportShare(string Processor, double Fraction);

/// <summary>A processor and its steps.</summary>
/// <param name="Processor">Name of the processor, such as "cpu".</param>
/// <param name="Predicted">The plan's steps with the expected times.</param>
public sealed record ReportLane(string Processor, IReadOnlyList<ReportStep> Predicted)
{
    /// <summary>The same steps with the times of a real run; null where the plan was not run.</summary>
    public IReadOnlyList<ReportStep>? Measured { get; init; }

    /// <summary>What the processor is, such as "ONNX Runtime 1.30.0, core 0"; null where unknown.</summary>
    public string? Description { get; init; }

    /// <summary>Whether this is a GPU interface that CPU cores serve, as PoCL does. The page says so.</summary>
    public bool IsCpuBacked { get; init; }
}

/// <summary>A step on the timeline. Times are in milliseconds from the start of the inference.</summary>
/// <param name="Id">The step's number in the plan; the same in prediction and measurement.</param>
/// <param name="Label">What it runs, such as "12-17 H 0..0.54".</param>
/// <param name="StartMs">When it starts.</param>
/// <param name="DurationMs">How long it takes, gathering and scattering included.</param>
public sealed record ReportStep(int Id, string Label, double StartMs, double DurationMs)
{
    /// <summary>Of the duration: getting inputs into the processor's own memory. Comes first.</summary>
    public double GatherMs { get; init; }

    /// <summary>Of the duration: computing. All parts zero means that the duration was not broken down.</summary>
    public double ComputeMs { get; init; }

    /// <summary>Of the duration: putting outputs where others read them. Comes last.</summary>
    public double ScatterMs { get; init; }

    /// <summary>Indices of the kernels that it runs a part of.</summary>
    public IReadOnlyList<int> Kernels { get; init; } = [];

    /// <summary>Numbers of the steps whose outputs it reads.</summary>
    public IReadOnlyList<int> DependsOn { get; init; } = [];

    /// <summary>Whether the duration is broken down into gathering, computing and scattering.</summary>
    public bool HasParts => GatherMs > 0 || ComputeMs > 0 || ScatterMs > 0;

    /// <summary>When it ends.</summary>
    public double EndMs => StartMs + DurationMs;
}
