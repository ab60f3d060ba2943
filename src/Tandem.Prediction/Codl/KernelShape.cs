using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Kernels;

namespace Tandem.Prediction.Codl;

/// <summary>
/// The sizes of a kernel, or of the part of it that a slice computes, from which CoDL's equations count blocks. All counts are
/// of elements; a kernel without rows (a matrix product) has one row of one column.
/// </summary>
public readonly record struct KernelShape
{
    private static readonly string[] Convolutions = ["Conv", "FusedConv"];
    private static readonly string[] Products = ["Gemm", "MatMul", "FusedGemm", "FusedMatMul"];
    private static readonly string[] Pools = ["MaxPool", "AveragePool", "LpPool"];
    private static readonly string[] Transposed = ["ConvTranspose"];

    /// <summary>The implementation whose unit times it takes, such as "conv 1x1" or "pooling".</summary>
    public required string Type { get; init; }

    /// <summary>Images.</summary>
    public long Batch { get; init; }

    /// <summary>Output rows (H).</summary>
    public long Rows { get; init; }

    /// <summary>Output columns (W).</summary>
    public long Columns { get; init; }

    /// <summary>Output channels (OC).</summary>
    public long Channels { get; init; }

    /// <summary>Groups of a convolution; 1 elsewhere.</summary>
    public long Groups { get; init; }

    /// <summary>Input channels that one output element sums over (IC of its group); 1 where nothing is summed.</summary>
    public long Depth { get; init; }

    /// <summary>Rows of the whole input.</summary>
    public long InputRows { get; init; }

    /// <summary>Columns of the input.</summary>
    public long InputColumns { get; init; }

    /// <summary>Channels of the input.</summary>
    public long InputChannels { get; init; }

    /// <summary>Rows of the window (K).</summary>
    public long WindowRows { get; init; }

    /// <summary>Columns of the window (K).</summary>
    public long WindowColumns { get; init; }

    /// <summary>Step of the window over rows (S).</summary>
    public long StrideRows { get; init; }

    /// <summary>Elements of further inputs (a residual) per output element.</summary>
    public double SidePerOutput { get; init; }

    /// <summary>Whether a part of the output channels reads all input channels, as a product does and pooling does not.</summary>
    public bool ReadsAllChannels { get; init; }

    /// <summary>Output elements.</summary>
    public long Outputs => Batch * Rows * Columns * Channels;

    /// <summary>Input rows that the output rows need, padding not counted (Eq. 1 read backwards).</summary>
    public long NeededInputRows => Math.Min(InputRows, (Rows - 1) * StrideRows + WindowRows);

    /// <summary>Elements that are read, weights not counted.</summary>
    public double Inputs => (double)Batch * NeededInputRows * InputColumns * InputChannels + SidePerOutput * Outputs;

    /// <summary>Elements of the weights; 0 where there are none.</summary>
    public long Weights => ReadsAllChannels || Groups > 1 ? Channels * Depth * WindowRows * WindowColumns : 0;

    /// <summary>Whether engines compute it in a layout of their own: convolutions, not what goes element by element.</summary>
    public bool HasOwnLayout => Weights > 0;

    /// <summary>Multiply-accumulates, or element operations where there are no weights.</summary>
    public double Work => (double)Outputs * Depth * WindowRows * WindowColumns;

    /// <summary>The same kernel with fewer output rows.</summary>
    public KernelShape WithRows(long rows) => this with { Rows = rows };

    /// <summary>The same kernel with fewer output channels.</summary>
    public KernelShape WithChannels(long channels) => ReadsAllChannels
        ? this with { Channels = channels }
        : this with
        {
            Channels = channels,
            InputChannels = Scale(InputChannels, channels),
            Groups = Groups == 1 ? 1 : Scale(Groups, channels),
        };

    /// <summary>The operator of a kernel that decides its latency: the product, window or first one.</summary>
    public static Operator HeadOf(Kernel kernel) =>
        kernel.Operators.FirstOrDefault(op => IsWindowed(op) || Products.Contains(op.Type)) ?? kernel.Operators[0];

    /// <summary>The sizes of a whole kernel.</summary>
    public static KernelShape Of(Kernel kernel, Graph graph)
    {
        Operator head = HeadOf(kernel);
        Shape output = graph.Tensors[head.Outputs[0]].Shape;
        Shape input = head.Inputs.Count > 0 && head.Inputs[0].Length > 0 ? graph.Tensors[head.Inputs[0]].Shape : output;
        bool isImage = output.Rank == 4 && input.Rank == 4;
        string main = head.Inputs.Count > 0 ? head.Inputs[0] : "";
        double side = kernel.Inputs.Where(i => i != main).Sum(i => (double)graph.Tensors[i].Shape.ElementCount);
        var shape = new KernelShape
        {
            Type = head.Type,
            Batch = isImage ? output[0] : 1,
            Rows = isImage ? output[2] : 1,
            Columns = isImage ? output[3] : output.ElementCount / ChannelsOf(output),
            Channels = ChannelsOf(output),
            Groups = 1,
            Depth = 1,
            InputRows = isImage ? input[2] : 1,
            InputColumns = isImage ? input[3] : Math.Max(1, input.ElementCount / ChannelsOf(input)),
            InputChannels = ChannelsOf(input),
            WindowRows = 1,
            WindowColumns = 1,
            StrideRows = 1,
            SidePerOutput = output.ElementCount == 0 ? 0 : side / output.ElementCount,
        };
        return Products.Contains(head.Type) ? AsProduct(shape, head, graph)
            : isImage && IsWindowed(head) ? AsWindowed(shape, head, graph, output)
            : isImage && input[2] > output[2] ? shape with { WindowRows = input[2], WindowColumns = output[3] == 1 ? input[3] : 1 }
            : shape;
    }

    private static bool IsWindowed(Operator op) =>
        Convolutions.Contains(op.Type) || Pools.Contains(op.Type) || Transposed.Contains(op.Type);

    private static KernelShape AsProduct(KernelShape shape, Operator head, Graph graph)
    {
        Shape a = graph.Tensors[head.Inputs[0]].Shape;
        Shape output = graph.Tensors[head.Outputs[0]].Shape;
        bool isTransposed = head.GetInt("transA", 0) != 0 && a.Rank > 1;
        long depth = a[isTransposed ? a.Rank - 2 : a.Rank - 1];
        long columns = output[output.Rank - 1];
        return shape with
        {
            Type = "product",
            Batch = 1,
            Rows = 1,
            Columns = output.ElementCount / Math.Max(1, columns),
            Channels = columns,
            Depth = depth,
            InputRows = 1,
            InputColumns = a.ElementCount / Math.Max(1, depth),
            InputChannels = depth,
            ReadsAllChannels = true,
        };
    }

    private static KernelShape AsWindowed(KernelShape shape, Operator head, Graph graph, Shape output)
    {
        bool isTransposed = Transposed.Contains(head.Type);
        bool isPool = Pools.Contains(head.Type);
        Shape? weights = isPool ? null : graph.Tensors[head.Inputs[1]].Shape;
        IReadOnlyList<long> window = weights is null ? SlidingWindow.Of(head, graph).Kernel : [.. weights.Skip(2)];
        long groups = isPool ? 1 : head.GetInt("group", 1);
        long stride = isTransposed ? 1 : head.GetInts("strides") is { Count: > 0 } strides ? strides[0] : 1;
        long dilation = head.GetInts("dilations") is { Count: > 0 } dilations ? dilations[0] : 1;
        long depth = isPool ? 1 : shape.InputChannels / groups;
        return shape with
        {
            Type = isPool ? "pooling" : isTransposed ? head.Type : ConvolutionType(window, stride, groups, depth, output[1]),
            Groups = groups,
            Depth = depth,
            WindowRows = isTransposed ? window[0] : (window[0] - 1) * dilation + 1,
            WindowColumns = window[1],
            StrideRows = stride,
            ReadsAllChannels = !isPool && groups == 1,
        };
    }

    /// <summary>
    /// One model per implementation that engines choose between (CoDL's repository: one per window and stride, and others for
    /// few channels, where other kernels are taken).
    /// </summary>
    private static string ConvolutionType(IReadOnlyList<long> window, long stride, long groups, long depth, long channels)
    {
        if (groups > 1)
        {
            return depth == 1 && groups == channels ? "conv depthwise" : "conv grouped";
        }
        if (depth <= 4 || channels <= 8)
        {
            return "conv few channels";
        }
        return (window[0], window[1], stride) switch
        {
            (1, 1, 1) => "conv 1x1",
            (3, 3, 1) => "conv 3x3",
            (_, _, 1) => "conv",
            _ => "conv strided",
        };
    }

    private static long ChannelsOf(Shape shape) => shape.Rank >= 2 ? Math.Max(1, shape[1]) : Math.Max(1, shape.ElementCount);

    private long Scale(long count, long channels) => Math.Max(1, (count * channels + Channels - 1) / Channels);
}
