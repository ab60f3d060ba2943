using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Convolutions of 1x1 in groups on CPU-backed devices: a product of matrices for each group, with pixels as the vector.
/// </summary>
internal sealed class GroupedPointwiseConvolution : IConvolutionAlgorithm
{
    private const int ChannelsPerTile = 6;
    private const int PixelsPerTile = 64;

    private static readonly ProgramKey Program = new("cpu_grouped");

    public string Name => "grouped-pointwise";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.Groups > 1 && call.GroupIn > 1
        && call.Kernel == new Plane(1, 1) && call.Stride == new Plane(1, 1)
        && call.Pad == default && call.Input == call.Output;

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.Depth, ChannelsPerTile);
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        int pixels = call.Input.Rows * call.Input.Columns, perItem = PixelsPerItem(call, pixels, compiler.Device.Workers);
        compiler.Add(new Launch(Program, "grouped_pointwise", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.ConvolutionMemory(call, weights, bias).Structure(new GroupedPointwiseParameters
            {
                Input = PlacedPlanes.Of(arguments.Place(call.X)),
                Output = PlacedPlanes.Of(arguments.Place(call.Y)),
                Residual = PlacedPlanes.Of(arguments.Place(call.Residual ?? call.Y)),
                WeightOffset = weights.Offset,
                BiasOffset = bias.Offset,
                Groups = call.Groups,
                GroupIn = call.GroupIn,
                GroupOut = call.GroupOut,
                Pixels = pixels,
                PixelsPerItem = perItem,
                HasResidual = call.Residual is null ? 0 : 1,
                Activation = call.Activation,
            });
            arguments.SetGrid(Grids.Blocks(pixels, perItem), call.Groups, call.Batch);
        }));
    }

    /// <summary>All pixels, which leaves as many items as groups and images, or fewer where workers lack items.</summary>
    private static int PixelsPerItem(ConvolutionCall call, int pixels, int workers)
    {
        long parts = workers == 1 ? 1 : Grids.Blocks(4L * workers, (long)call.Groups * call.Batch);
        return (int)Grids.Blocks(Grids.Blocks(pixels, parts), PixelsPerTile) * PixelsPerTile;
    }
}

/// <summary>The structure Grouped of cpu_grouped.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct GroupedPointwiseParameters
{
    public PlacedPlanes Input;
    public PlacedPlanes Output;
    public PlacedPlanes Residual;
    public int WeightOffset;
    public int BiasOffset;
    public int Groups;
    public int GroupIn;
    public int GroupOut;
    public int Pixels;
    public int PixelsPerItem;
    public int HasResidual;
    public Activation Activation;
}
