using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Convolutions of few channels (depthwise ones, first layers, images as output): rows of input are copied to a padded buffer
/// and columns are the vector.
/// </summary>
internal sealed class RowConvolution : IConvolutionAlgorithm
{
    private const int MaxKernelColumns = 64;
    private const int Lanes = 16;
    private const int NarrowRow = 32;
    private const int SlackFloats = 64;

    public string Name => "rows";

    public bool Supports(ConvolutionCall call, OpenClDevice device)
    {
        int window = call.Kernel.Rows * call.Kernel.Columns;
        bool few = call.GroupOut <= 3 || window >= 9 && (call.GroupIn <= 4 || call.GroupOut <= 8);
        return device.IsCpuBacked && few && call.Kernel.Columns <= MaxKernelColumns
            && LocalFloats(call, Tiling(call), 1) * sizeof(float) <= device.LocalMemoryBytes;
    }

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        (string kernel, int channels, int vectors) = Tiling(call);
        int tiles = (int)Grids.Blocks(call.GroupOut, channels);
        int rows = RowsPerItem(call, (kernel, channels, vectors), compiler.Device);
        ConstantSlot weights = Pack(call, channels, tiles, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        for (int image = 0; image < call.Batch; image++)
        {
            CpuConvolution.Add(compiler, new CpuConvolutionLaunch
            {
                Call = call,
                Kernel = kernel,
                Parameters = CpuConvolution.Describe(call) with { PerItem = rows },
                Weights = weights,
                Bias = bias,
                Residual = call.Residual,
                Image = image,
                LocalFloats = LocalFloats(call, (kernel, channels, vectors), rows),
                Grid = (Grids.Blocks(call.Output.Rows, rows), tiles, call.Groups),
            });
        }
    }

    /// <summary>The kernel, the output channels of its tile, and the vectors of columns of its step.</summary>
    private static (string Kernel, int Channels, int Vectors) Tiling(ConvolutionCall call) => call.GroupOut switch
    {
        1 => call.Output.Columns <= NarrowRow ? ("conv_direct1n", 1, 1) : ("conv_direct1", 1, 4),
        2 or 3 => ("conv_direct3", 3, 4),
        _ => ("conv_direct8", 8, 2),
    };

    /// <summary>As many rows as the padded input and the sums of a work-item leave in the cache, evenly divided.</summary>
    private static int RowsPerItem(ConvolutionCall call, (string, int Channels, int) tiling, OpenClDevice device)
    {
        bool depthwise = tiling.Channels == 1;
        long limit = depthwise ? 24 << 10 : Math.Min(512 << 10, device.LocalMemoryBytes / 2);
        int rows = Math.Min(call.Output.Rows, depthwise ? 64 : 8);
        while (rows > 1 && (LocalFloats(call, tiling, rows) - SlackFloats
            - (depthwise ? SumFloats(call, tiling, rows) : 0)) * sizeof(float) > limit)
        {
            rows--;
        }
        long items = Grids.Blocks(call.Output.Rows, rows);
        return (int)Grids.Blocks(call.Output.Rows, items);
    }

    private static long LocalFloats(ConvolutionCall call, (string, int Channels, int Vectors) tiling, int rows)
    {
        long padded = PaddedColumns(call, tiling.Vectors)
            + (call.Kernel.Columns - 1) * call.Dilation.Columns / call.Stride.Columns;
        long read = (rows - 1) * call.Stride.Rows + (call.Kernel.Rows - 1) * call.Dilation.Rows + 1;
        return read * padded * call.Stride.Columns + SumFloats(call, tiling, rows) + SlackFloats;
    }

    private static long SumFloats(ConvolutionCall call, (string, int Channels, int Vectors) tiling, int rows) =>
        (long)rows * tiling.Channels * PaddedColumns(call, tiling.Vectors);

    private static long PaddedColumns(ConvolutionCall call, int vectors) =>
        Grids.Blocks(call.Output.Columns, Lanes * vectors) * Lanes * vectors;

    /// <summary>Weights as [group][tile][input channel][row][column][channel of the tile].</summary>
    private static ConstantSlot Pack(ConvolutionCall call, int channels, int tiles, ConstantPool constants)
    {
        ConstantSlot slot = constants.Reserve((long)call.Groups * tiles * channels * call.Depth, out Span<float> packed);
        packed.Clear();
        for (int output = 0; output < call.Groups * call.GroupOut; output++)
        {
            int group = output / call.GroupOut, channel = output % call.GroupOut;
            int to = (group * tiles + channel / channels) * call.Depth * channels + channel % channels;
            for (int k = 0; k < call.Depth; k++)
            {
                packed[to + k * channels] = call.Weights[output * call.Depth + k];
            }
        }
        return slot;
    }
}
