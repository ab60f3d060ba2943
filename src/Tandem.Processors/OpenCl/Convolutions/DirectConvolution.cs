using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>The definition of a convolution, a tile of output channels at a time: any form on any device.</summary>
internal sealed class DirectConvolution : IConvolutionAlgorithm
{
    /// <summary>The program.</summary>
    internal static readonly ProgramKey Program = new("convolution");

    public string Name => "direct";

    public bool Supports(ConvolutionCall call, OpenClDevice device) => true;

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.Depth, Grids.ChannelTile(compiler.Device));
        int tiles = tiling.Tiles;
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = tiling.PackBias(call.Bias, compiler.Constants);
        int width = Grids.VectorWidth(compiler.Device);
        compiler.Add(new Launch(Program, "direct_convolution", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                call.Groups, tiles, call.GroupIn, call.GroupOut,
                call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            arguments.SetGrid(
                Grids.Blocks(call.Output.Columns, width), call.Output.Rows, (long)call.Batch * call.Groups * tiles);
        }));
    }
}
