using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3), a quarter of the products, on CPU-backed devices only: a work-item
/// keeps the transformed tiles of a chunk in its core's cache.
/// </summary>
internal sealed class WinogradConvolution : IConvolutionAlgorithm
{
    internal const string KernelName = "winograd4";

    private const int VectorSlack = 16;
    private const int PointsOfRow = 6;

    // Where the kernel transforms the weights, it takes so many input channels at a time: fewer, and the sums are loaded and stored
    // too often; more, and the weights leave the cache before they are used.
    private const int WeightDepth = 128;

    private static readonly ProgramKey Program = new("cpu_winograd");

    public string Name => "winograd";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.Kernel == new Plane(3, 3) && call.Stride == new Plane(1, 1)
        && call.Dilation == new Plane(1, 1) && WinogradCost.IsFaster(call, device.Workers);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = WinogradTiling.Of(call.Output, compiler.Device.Workers);
        long items = Math.Min(compiler.Device.Workers, (long)tiling.Chunks * call.Groups);
        WinogradParameters parameters = Describe(call, tiling, compiler.Device.Workers);
        ConstantSlot weights = parameters.TransformsWeights != 0
            ? WinogradWeights.PackUntransformed(call, compiler.Constants)
            : WinogradWeights.Pack(call, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        for (int image = 0; image < call.Batch; image++)
        {
            Add(call, compiler, parameters, (weights, bias), items, image);
        }
    }

    private static void Add(
        ConvolutionCall call,
        SliceCompiler compiler,
        WinogradParameters parameters,
        (ConstantSlot Weights, ConstantSlot Bias) constants,
        long items,
        int image)
    {
        TensorNode scratch = compiler.Scratch(items * parameters.ItemFloats);
        TensorUse[] writes = [TensorUse.Planes(call.Y), TensorUse.Dense(scratch)];
        compiler.Add(
            new Launch(Program, KernelName, call.Reads, writes, arguments =>
            {
                Placement x = arguments.Place(call.X), y = arguments.Place(call.Y), s = arguments.Place(scratch);
                Placement r = arguments.Place(call.Residual ?? call.Y);
                WinogradParameters placed = parameters;
                placed.InputOffset = Narrow(x.Offset + image * x.BatchStride);
                placed.InputChannelStride = Narrow(x.ChannelStride);
                placed.InputEnd = Narrow(Math.Min(x.ReadableCount, int.MaxValue));
                placed.OutputOffset = Narrow(y.Offset + image * y.BatchStride);
                placed.OutputChannelStride = Narrow(y.ChannelStride);
                placed.ResidualOffset = Narrow(r.Offset + image * r.BatchStride);
                placed.ResidualChannelStride = Narrow(r.ChannelStride);
                placed.WeightOffset = constants.Weights.Offset;
                placed.BiasOffset = constants.Bias.Offset;
                placed.ScratchOffset = Narrow(s.Offset);
                arguments.ConvolutionMemory(call, constants.Weights, constants.Bias).Memory(s.Memory).Structure(placed);
                arguments.SetGrid(items);
            }),
            writesPart: call.Batch > 1);
    }

    private static WinogradParameters Describe(ConvolutionCall call, WinogradTiling tiling, int workers)
    {
        bool transformsWeights = tiling.TransformsWeights(workers);
        int padded = WinogradWeights.PaddedChannels(call);
        int channels = transformsWeights ? Math.Min(WinogradWeights.ChannelsPerTile, padded) : padded;
        int depth = transformsWeights ? Math.Min(WeightDepth, call.GroupIn) : call.GroupIn;
        int block = (int)Grids.Blocks(depth * tiling.Block + VectorSlack, VectorSlack) * VectorSlack;
        int input = OddMultiple(block * tiling.Blocks), inputs = WinogradTiling.PointsOfTile * input;
        int sums = OddMultiple(channels * tiling.Blocks * tiling.Block);
        int weights = transformsWeights ? OddMultiple(channels * depth) : 0;
        return new WinogradParameters
        {
            GroupIn = call.GroupIn,
            Height = call.Input.Rows,
            Width = call.Input.Columns,
            GroupOut = call.GroupOut,
            OutHeight = call.Output.Rows,
            OutWidth = call.Output.Columns,
            PadRows = call.Pad.Rows,
            PadColumns = call.Pad.Columns,
            Groups = call.Groups,
            TileRows = tiling.Rows,
            TileColumns = tiling.Columns,
            ChunkRows = tiling.ChunkRows,
            ChunkColumns = tiling.ChunkColumns,
            Block = tiling.Block,
            Depth = depth,
            InputFloatsOfBlock = block,
            InputFloatsOfPoint = input,
            InputFloatsOfDepth = inputs,
            SumFloatsOfPoint = sums,
            WeightFloatsOfPoint = weights,
            ItemFloats = (int)Grids.Blocks(call.GroupIn, depth) * inputs + WinogradTiling.PointsOfTile * sums
                + PointsOfRow * weights + VectorSlack,
            TransformsWeights = transformsWeights ? 1 : 0,
            HasResidual = call.Residual is null ? 0 : 1,
            Activation = call.Activation,
        };
    }

    /// <summary>Rounds up to an odd number of cache lines, so that the 36 points do not fall on the same lines of the cache.</summary>
    private static int OddMultiple(int floats) => ((int)Grids.Blocks(floats, VectorSlack) | 1) * VectorSlack;

    private static int Narrow(long value) => checked((int)value);
}

/// <summary>The structure Winograd of cpu_winograd.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct WinogradParameters
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
    public int ScratchOffset;
    public int GroupIn;
    public int Height;
    public int Width;
    public int GroupOut;
    public int OutHeight;
    public int OutWidth;
    public int PadRows;
    public int PadColumns;
    public int Groups;
    public int TileRows;
    public int TileColumns;
    public int ChunkRows;
    public int ChunkColumns;
    public int Block;
    public int Depth;
    public int InputFloatsOfBlock;
    public int InputFloatsOfPoint;
    public int InputFloatsOfDepth;
    public int SumFloatsOfPoint;
    public int WeightFloatsOfPoint;
    public int ItemFloats;
    public int TransformsWeights;
    public int HasResidual;
    public Activation Activation;
}
