using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// 1x1 convolutions of stride 1 on CPU-backed devices, with pixels as the vector: a work-item keeps some pixels of all input
/// channels in its core's cache and streams the weights past them.
/// </summary>
internal sealed class PointwiseConvolution : IConvolutionAlgorithm
{
    // CHANNELS and PIXELS of cpu_pointwise.cl.
    private const int ChannelsPerTile = 8;
    private const int PixelsPerTile = 48;
    private const int Lanes = 16;
    private const int PanelBytes = 512 << 10;

    // Lanes past the last pixel compute in vain. Where they are more than this, as for planes of 7 x 7 or 14 x 14, the blocked
    // convolution, whose vector is channels, is as fast or faster.
    private const double MostLanesPerPixel = 1.05;

    private static readonly ProgramKey Program = new("cpu_pointwise");

    public string Name => "pointwise";

    public bool Supports(ConvolutionCall call, OpenClDevice device)
    {
        bool pointwise = call.Kernel == new Plane(1, 1) && call.Stride == new Plane(1, 1)
            && call.Pad == default && call.Input == call.Output;
        return device.IsCpuBacked && pointwise
            && Grids.Blocks(Pixels(call), Lanes) * Lanes <= MostLanesPerPixel * Pixels(call)
            && LocalBytes(call) <= Math.Min(PanelBytes, device.LocalMemoryBytes);
    }

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(call.Groups, call.GroupOut, call.GroupIn, ChannelsPerTile);
        ConstantSlot weights = tiling.Pack(call.Weights, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        long tiles = Grids.Blocks(Pixels(call), PixelsPerTile);
        long tilesPerItem = Grids.Blocks(tiles, compiler.Device.Workers);
        var parameters = new PointwiseParameters
        {
            WeightOffset = weights.Offset,
            BiasOffset = bias.Offset,
            GroupIn = call.GroupIn,
            GroupOut = call.GroupOut,
            Pixels = checked((int)Pixels(call)),
            TilesPerItem = (int)tilesPerItem,
            HasResidual = call.Residual is null ? 0 : 1,
            Activation = call.Activation,
        };
        for (int image = 0; image < call.Batch; image++)
        {
            Add(call, compiler, parameters, (weights, bias), Grids.Blocks(tiles, tilesPerItem), image);
        }
    }

    private static void Add(
        ConvolutionCall call,
        SliceCompiler compiler,
        PointwiseParameters parameters,
        (ConstantSlot Weights, ConstantSlot Bias) constants,
        long items,
        int image) =>
        compiler.Add(
            new Launch(Program, "pointwise", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
            {
                Placement x = arguments.Place(call.X), y = arguments.Place(call.Y);
                Placement r = arguments.Place(call.Residual ?? call.Y);
                PointwiseParameters placed = parameters;
                placed.InputOffset = Narrow(x.Offset + image * x.BatchStride);
                placed.InputChannelStride = Narrow(x.ChannelStride);
                placed.InputEnd = Narrow(Math.Min(x.ReadableCount, int.MaxValue));
                placed.OutputOffset = Narrow(y.Offset + image * y.BatchStride);
                placed.OutputChannelStride = Narrow(y.ChannelStride);
                placed.ResidualOffset = Narrow(r.Offset + image * r.BatchStride);
                placed.ResidualChannelStride = Narrow(r.ChannelStride);
                arguments.ConvolutionMemory(call, constants.Weights, constants.Bias).Structure(placed).Local(LocalBytes(call));
                arguments.SetGrid(items, call.Groups);
            }),
            writesPart: call.Batch > 1);

    private static long Pixels(ConvolutionCall call) => (long)call.Output.Rows * call.Output.Columns;

    private static long LocalBytes(ConvolutionCall call) => (long)call.GroupIn * PixelsPerTile * sizeof(float);

    private static int Narrow(long value) => checked((int)value);
}

/// <summary>The structure Pointwise of cpu_pointwise.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct PointwiseParameters
{
    public int InputOffset;
    public int InputChannelStride;
    public int InputEnd;
    public int OutputOffset;
    public int OutputChannelStride;
    public int ResidualOffset;
    public int ResidualChannelStride;
    public int WeightOffset;
    public int BiasOffset;
    public int GroupIn;
    public int GroupOut;
    public int Pixels;
    public int TilesPerItem;
    public int HasResidual;
    public Activation Activation;
}
