using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>Whose convolutions are predicted: each engine chooses among algorithms of its own by the sizes.</summary>
internal enum ConvolutionEngine
{
    /// <summary>An engine of which nothing is known: products, whatever the sizes.</summary>
    Unknown,

    /// <summary>Tandem's OpenCL kernels for CPU-backed devices.</summary>
    OpenClOnCpu,

    /// <summary>ONNX Runtime on a CPU: blocks of 16 channels (NCHWc), or a matrix product where channels do not come in fours.</summary>
    OnnxRuntime,
}

/// <summary>The algorithm that computes a kernel.</summary>
internal enum ConvolutionPath
{
    /// <summary>Not known, or the only one.</summary>
    Any,

    /// <summary>OpenCL: tiles of 14 pixels and 32 channels, input copied beforehand.</summary>
    Blocked,

    /// <summary>OpenCL: 1x1, pixels as the vector, tiles of 48 pixels and 8 channels.</summary>
    Pointwise,

    /// <summary>OpenCL: Winograd's F(4x4, 3x3).</summary>
    WinogradFour,

    /// <summary>OpenCL: Winograd's F(2x2, 3x3) on small planes.</summary>
    WinogradTwo,

    /// <summary>OpenCL: few input channels, tiles of 112 columns and 4 channels.</summary>
    FirstLayer,

    /// <summary>OpenCL: few channels, columns as the vector.</summary>
    Rows,

    /// <summary>OpenCL: the window covers the whole input.</summary>
    Full,

    /// <summary>Each channel by itself.</summary>
    Depthwise,

    /// <summary>OpenCL: 1x1 in groups.</summary>
    GroupedPointwise,

    /// <summary>ONNX Runtime: input and output in blocks of 16 channels.</summary>
    ChannelBlocks,

    /// <summary>ONNX Runtime: input of few channels as it is, output in blocks of 16.</summary>
    ImageToBlocks,

    /// <summary>ONNX Runtime: input unrolled to a matrix.</summary>
    MatrixProduct,
}

/// <summary>Which algorithm an engine takes for a convolution: its own rules, so that each algorithm is a kernel type of its own.</summary>
/// <remarks>
/// The rules of <c>Processors/OpenCl/Convolutions</c> for one worker, and those of ONNX Runtime's NCHWc transformer. Where they differ
/// from what an engine does, kernels only land in a less fitting family.
/// </remarks>
internal static class ConvolutionPaths
{
    /// <summary>Floats of a vector, channels of ONNX Runtime's blocks.</summary>
    public const int Lanes = 16;

    private const int FewInputs = 4;
    private const int FewOutputs = 8;
    private const int ColumnsOfFirstLayer = 112;
    private const int ColumnsOfRows = 32;
    private const int SmallestWindow = 9;
    private const int SmallSide = 8;
    private const double SmallOverhead = 1.2;
    private const double MostLanesPerPixel = 1.05;
    private const int PointwiseInputs = (512 << 10) / (48 * sizeof(float));

    /// <summary>The algorithm; <see cref="ConvolutionPath.Any"/> for what is no convolution.</summary>
    public static ConvolutionPath Of(in KernelShape shape, ConvolutionEngine engine) =>
        !shape.Type.StartsWith("conv", StringComparison.Ordinal) || engine == ConvolutionEngine.Unknown ? ConvolutionPath.Any
        : engine == ConvolutionEngine.OpenClOnCpu ? OfOpenCl(shape)
        : OfOnnxRuntime(shape);

    private static ConvolutionPath OfOpenCl(in KernelShape s)
    {
        double window = s.WindowRows * s.WindowColumns;
        long outputs = s.Channels / s.Groups;
        bool isPoint = window == 1 && s.StrideRows == 1;
        return s.Groups == 1 && s.Rows * s.Columns == 1 && s.WindowRows == s.InputRows && s.WindowColumns == s.InputColumns ? ConvolutionPath.Full
            : s is { Groups: > 1, Depth: 1, WindowRows: 3 or 5, StrideRows: 1 or 2 } ? ConvolutionPath.Depthwise
            : s is { Groups: > 1, Depth: > 1 } && isPoint ? ConvolutionPath.GroupedPointwise
            : s.Depth <= FewInputs && outputs >= 4 && window >= SmallestWindow
                && Padded(s.Columns, ColumnsOfFirstLayer) <= Padded(s.Columns, ColumnsOfRows) ? ConvolutionPath.FirstLayer
            : outputs <= 3 || (window >= SmallestWindow && (s.Depth <= FewInputs || outputs <= FewOutputs)) ? ConvolutionPath.Rows
            : s is { WindowRows: 3, WindowColumns: 3, StrideRows: 1 } && IsSmall(s, outputs) ? ConvolutionPath.WinogradTwo
            : s is { WindowRows: 3, WindowColumns: 3, StrideRows: 1 } && WinogradWork.IsFaster(s) ? ConvolutionPath.WinogradFour
            : isPoint && Padded(s.Rows * s.Columns, Lanes) <= MostLanesPerPixel * s.Rows * s.Columns && s.Depth <= PointwiseInputs
                ? ConvolutionPath.Pointwise
            : ConvolutionPath.Blocked;
    }

    private static bool IsSmall(in KernelShape s, long outputs) =>
        s.Rows <= SmallSide && s.Columns <= SmallSide && s.Depth >= Lanes && outputs >= Lanes
        && SmallOverhead * 16 * Padded(WinogradWork.Tiles(s, 2), 8) < 9.0 * s.Rows * s.Columns;

    private static ConvolutionPath OfOnnxRuntime(in KernelShape s)
    {
        long outputs = s.Channels / s.Groups;
        return s.Groups > 1
            ? s.Channels % 4 != 0 ? ConvolutionPath.MatrixProduct
                : s.Depth == 1 && outputs == 1 ? ConvolutionPath.Depthwise
                : s.Depth % Lanes == 0 && outputs % Lanes == 0 ? ConvolutionPath.ChannelBlocks
                : ConvolutionPath.MatrixProduct
            : s.Depth < Lanes ? ConvolutionPath.ImageToBlocks
            : s.Depth % 4 == 0 ? ConvolutionPath.ChannelBlocks
            : ConvolutionPath.MatrixProduct;
    }

    /// <summary>Rounds up to whole blocks.</summary>
    public static double Padded(double extent, double block) => Math.Ceiling(extent / block) * block;
}
