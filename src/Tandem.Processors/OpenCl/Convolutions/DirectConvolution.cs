using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>The definition of a convolution, a tile of output channels at a time: any form on any device.</summary>
internal sealed class DirectConvolution : IConvolutionAlgorithm
{
    /// <summary>The program; output channels of a tile are the macro TILE.</summary>
    internal static readonly ProgramKey Program = new("convolution");

    private const int Tile = 4;

    public string Name => "direct";

    public bool Supports(ConvolutionCall call, OpenClDevice device) => true;

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        int tiles = (int)Grids.Blocks(call.GroupOut, Tile);
        ConstantSlot weights = Pack(call, tiles, compiler.Constants);
        ConstantSlot bias = PackBias(call, tiles, compiler.Constants);
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

    /// <summary>Weights as [group][tile][input channel][row][column][channel of the tile].</summary>
    private static ConstantSlot Pack(ConvolutionCall call, int tiles, ConstantPool constants)
    {
        ConstantSlot slot = constants.Reserve((long)call.Groups * tiles * call.Depth * Tile, out Span<float> packed);
        packed.Clear();
        for (int group = 0; group < call.Groups; group++)
        {
            for (int channel = 0; channel < call.GroupOut; channel++)
            {
                int to = (group * tiles + channel / Tile) * call.Depth * Tile + channel % Tile;
                int from = (group * call.GroupOut + channel) * call.Depth;
                for (int k = 0; k < call.Depth; k++)
                {
                    packed[to + k * Tile] = call.Weights[from + k];
                }
            }
        }
        return slot;
    }

    private static ConstantSlot PackBias(ConvolutionCall call, int tiles, ConstantPool constants)
    {
        ConstantSlot slot = constants.Reserve((long)call.Groups * tiles * Tile, out Span<float> packed);
        packed.Clear();
        for (int group = 0; group < call.Groups; group++)
        {
            call.Bias.AsSpan(group * call.GroupOut, call.GroupOut).CopyTo(packed[(group * tiles * Tile)..]);
        }
        return slot;
    }
}
