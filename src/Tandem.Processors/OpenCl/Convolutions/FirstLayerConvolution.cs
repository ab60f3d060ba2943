using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Convolutions of very few input channels to many, as networks for images begin with: a work-item copies its rows of all input
/// channels to a padded buffer once and sums each output in registers; columns are the vector.
/// </summary>
internal sealed class FirstLayerConvolution : IConvolutionAlgorithm
{
    // Those of conv_rows4.
    private const int ChannelsPerTile = 4;
    private const int ColumnsPerStep = 7 * 16;
    private const int MaxKernelColumns = 64;
    private const int SlackFloats = 64;

    // What RowConvolution computes at a time.
    private const int ColumnsOfOtherKernel = 32;

    private const int MostInputs = 4;
    private const int SmallestWindow = 9;
    private const int MostRows = 8;
    private const int BufferBytes = 256 << 10;

    public string Name => "first layer";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.GroupIn <= MostInputs && call.GroupOut >= ChannelsPerTile
        && call.Kernel.Rows * call.Kernel.Columns >= SmallestWindow && call.Kernel.Columns <= MaxKernelColumns
        && Padded(call, ColumnsPerStep) <= Padded(call, ColumnsOfOtherKernel)
        && LocalFloats(call, 1) * sizeof(float) <= Limit(device);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.Depth, ChannelsPerTile);
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        int rows = RowsPerItem(call, compiler.Device);
        for (int image = 0; image < call.Batch; image++)
        {
            CpuConvolution.Add(compiler, new CpuConvolutionLaunch
            {
                Call = call,
                Kernel = "conv_rows4",
                Parameters = CpuConvolution.Describe(call) with { PerItem = rows },
                Weights = weights,
                Bias = bias,
                Residual = call.Residual,
                Image = image,
                LocalFloats = LocalFloats(call, rows),
                Grid = (Grids.Blocks(call.Output.Rows, rows), 1, call.Groups),
            });
        }
    }

    /// <summary>As many rows as the buffer has room for, evenly divided.</summary>
    private static int RowsPerItem(ConvolutionCall call, OpenClDevice device)
    {
        int rows = Math.Min(call.Output.Rows, MostRows);
        while (rows > 1 && LocalFloats(call, rows) * sizeof(float) > Limit(device))
        {
            rows--;
        }
        return (int)Grids.Blocks(call.Output.Rows, Grids.Blocks(call.Output.Rows, rows));
    }

    private static long LocalFloats(ConvolutionCall call, int rows)
    {
        long phase = Padded(call, ColumnsPerStep)
            + (call.Kernel.Columns - 1) * call.Dilation.Columns / call.Stride.Columns;
        long read = (rows - 1) * call.Stride.Rows + (call.Kernel.Rows - 1) * call.Dilation.Rows + 1;
        return call.GroupIn * read * phase * call.Stride.Columns + SlackFloats;
    }

    private static long Padded(ConvolutionCall call, int step) => Grids.Blocks(call.Output.Columns, step) * step;

    private static long Limit(OpenClDevice device) => Math.Min(BufferBytes, device.LocalMemoryBytes);
}
