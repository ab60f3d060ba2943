using System.Globalization;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>Convolutions as tiled matrix products that gather their input while they copy it to local memory (implicit im2col).</summary>
internal sealed class TiledConvolution(ProductTile tile) : IConvolutionAlgorithm
{
    private const int FewestPixels = 4;

    public string Name => $"tiled {tile.Name}";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        !device.IsCpuBacked && call.GroupIn > 1 && call.GroupOut * 2 > tile.Rows
        && (long)call.Output.Rows * call.Output.Columns >= FewestPixels && tile.Fits(device);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var program = new ProgramKey("gpu_product", string.Create(
            CultureInfo.InvariantCulture,
            $"{tile.Options} -DWINDOW_ROWS={call.Kernel.Rows} -DWINDOW_COLUMNS={call.Kernel.Columns}"));
        ConstantSlot weights = DepthMajorWeights.Pack(call, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        compiler.Add(new Launch(program, "tiled_convolution", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                call.Groups, call.GroupIn, call.GroupOut,
                call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns,
                call.Stride.Rows, call.Stride.Columns, call.Pad.Rows, call.Pad.Columns,
                call.Dilation.Rows, call.Dilation.Columns);
            arguments.Activation(call.Activation);
            long pixels = (long)call.Output.Rows * call.Output.Columns;
            (long x, long y, long z) = tile.Grid(call.GroupOut, pixels, (long)call.Batch * call.Groups);
            arguments.SetGrid(x, y, z);
            arguments.SetGroup(tile.Group.X, tile.Group.Y);
        }));
    }
}
