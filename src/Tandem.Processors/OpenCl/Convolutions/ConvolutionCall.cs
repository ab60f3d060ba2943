using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// A two-dimensional convolution with all that is fused into it: y = activation(conv(x, weights) + bias + residual).
/// A one-dimensional one is a convolution of planes with one row.
/// </summary>
internal sealed record ConvolutionCall
{
    /// <summary>The input.</summary>
    public required TensorNode X { get; init; }

    /// <summary>The output.</summary>
    public required TensorNode Y { get; init; }

    /// <summary>What is added before the activation; null for nothing.</summary>
    public TensorNode? Residual { get; init; }

    /// <summary>
    /// Weights in ONNX's order (output channel, input channel of the group, row, column), scale folded in. Empty once the
    /// launches are made, which have a packed copy.
    /// </summary>
    public required float[] Weights { get; set; }

    /// <summary>One number for each output channel.</summary>
    public required float[] Bias { get; init; }

    /// <summary>What is done last.</summary>
    public required Activation Activation { get; init; }

    /// <summary>Extents of the planes that are read and written.</summary>
    public required Plane Input { get; init; }

    /// <inheritdoc cref="Input"/>
    public required Plane Output { get; init; }

    /// <summary>Kernel, strides, dilations and padding at the top and left.</summary>
    public required Plane Kernel { get; init; }

    /// <inheritdoc cref="Kernel"/>
    public required Plane Stride { get; init; }

    /// <inheritdoc cref="Kernel"/>
    public required Plane Dilation { get; init; }

    /// <inheritdoc cref="Kernel"/>
    public required Plane Pad { get; init; }

    /// <summary>Number of groups.</summary>
    public required int Groups { get; init; }

    /// <summary>Images in the batch.</summary>
    public int Batch => (int)X.Shape[0];

    /// <summary>Input channels of each group.</summary>
    public int GroupIn => (int)X.Shape[1] / Groups;

    /// <summary>Output channels of each group.</summary>
    public int GroupOut => (int)Y.Shape[1] / Groups;

    /// <summary>Products that each output element sums.</summary>
    public int Depth => GroupIn * Kernel.Rows * Kernel.Columns;

    /// <summary>The tensors that a launch reads.</summary>
    public IReadOnlyList<TensorUse> Reads =>
        Residual is null ? [TensorUse.Planes(X)] : [TensorUse.Planes(X), TensorUse.Planes(Residual)];

    /// <summary>Kernel, strides, pads, dilations as the kernels take them.</summary>
    public long[] Window =>
    [
        Kernel.Rows, Kernel.Columns, Stride.Rows, Stride.Columns, Pad.Rows, Pad.Columns, Dilation.Rows, Dilation.Columns,
    ];
}

/// <summary>Two numbers, one for each axis of a plane.</summary>
internal readonly record struct Plane(int Rows, int Columns)
{
    /// <summary>The numbers of the spatial axes, of which there are one or two.</summary>
    internal static Plane Of(IReadOnlyList<long> axes, int missing) => axes.Count == 1
        ? new Plane(missing, (int)axes[0])
        : new Plane((int)axes[0], (int)axes[1]);

    /// <summary>The extents of a tensor's planes.</summary>
    internal static Plane Of(Shape shape) => Of([.. shape.Skip(2)], 1);
}
