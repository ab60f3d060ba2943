using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>The definition of a convolution with a tile of channels and columns in registers: any form, any device.</summary>
internal sealed class GpuDirectConvolution(DirectTile tile) : IConvolutionAlgorithm
{
    /// <summary>The tiles that are tried.</summary>
    internal static readonly IReadOnlyList<DirectTile> Tiles =
    [
        new(4, 1, 1, 16, 4),
        new(8, 1, 1, 32, 2),
        new(1, 1, 4, 8, 8),
        new(4, 1, 2, 16, 4),
        new(4, 1, 4, 8, 8),
        new(8, 1, 2, 16, 4),
        new(16, 1, 1, 64, 1),
    ];

    public string Name => $"direct {tile.Name}";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        !device.IsCpuBacked && tile.Fits(device) && (tile.Channels == Tiles[0].Channels || call.GroupOut * 2 > tile.Channels);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.Depth, tile.Channels);
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = tiling.PackBias(call.Bias, compiler.Constants);
        var program = new ProgramKey("gpu_direct", tile.Options);
        compiler.Add(new Launch(program, "gpu_direct", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                call.Groups, tiling.Tiles, call.GroupIn, call.GroupOut,
                call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            (long x, long y) = tile.Grid(call.Output);
            arguments.SetGrid(x, y, (long)call.Batch * call.Groups * tiling.Tiles);
            arguments.SetGroup(tile.GroupColumns, tile.GroupRows);
        }));
    }
}
