using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// 3x3 convolutions of stride 1 over planes of at most 8 x 8 outputs by Winograd's F(2x2, 3x3) (Lavin and Gray, 2016) on
/// CPU-backed devices. Such layers are bound by reading weights, for which F(4x4, 3x3) needs more than twice the memory.
/// </summary>
internal sealed class SmallPlaneConvolution : IConvolutionAlgorithm
{
    internal const string KernelName = "winograd2";

    private const int Outputs = 2;
    private const int LargestSide = 8;
    private const int TilesPerProduct = 8;
    private const int Points = 4;
    private const int PointsOfTile = Points * Points;
    private const int Window = 3;
    private const int WindowSize = Window * Window;
    private const int Lanes = 16;
    private const int ChannelsPerTile = 32;
    private const int FewestChannels = 16;

    // Transforms, and that weights take 16/9 of the memory.
    private const double Overhead = 1.2;

    private static readonly ProgramKey Program = new("cpu_winograd2");

    public string Name => "winograd for small planes";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.Kernel == new Plane(Window, Window) && call.Stride == new Plane(1, 1)
        && call.Dilation == new Plane(1, 1) && call.Output.Rows <= LargestSide && call.Output.Columns <= LargestSide
        && call.Pad.Rows >= 0 && call.Pad.Columns >= 0
        && call.GroupIn >= FewestChannels && call.GroupOut >= FewestChannels && SavesProducts(call);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = Pack(call, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        for (int image = 0; image < call.Batch; image++)
        {
            Add(call, compiler, Describe(call, weights, bias), (weights, bias), image);
        }
    }

    private static void Add(
        ConvolutionCall call,
        SliceCompiler compiler,
        SmallPlaneParameters parameters,
        (ConstantSlot Weights, ConstantSlot Bias) constants,
        int image)
    {
        TensorNode scratch = compiler.Scratch((long)call.Groups * parameters.ItemFloats);
        TensorUse[] writes = [TensorUse.Planes(call.Y), TensorUse.Dense(scratch)];
        compiler.Add(
            new Launch(Program, KernelName, call.Reads, writes, arguments =>
            {
                Placement x = arguments.Place(call.X), y = arguments.Place(call.Y), s = arguments.Place(scratch);
                Placement r = arguments.Place(call.Residual ?? call.Y);
                SmallPlaneParameters placed = parameters;
                placed.InputOffset = checked((int)(x.Offset + image * x.BatchStride));
                placed.InputChannelStride = checked((int)x.ChannelStride);
                placed.OutputOffset = checked((int)(y.Offset + image * y.BatchStride));
                placed.OutputChannelStride = checked((int)y.ChannelStride);
                placed.ResidualOffset = checked((int)(r.Offset + image * r.BatchStride));
                placed.ResidualChannelStride = checked((int)r.ChannelStride);
                placed.ScratchOffset = checked((int)s.Offset);
                arguments.ConvolutionMemory(call, constants.Weights, constants.Bias).Memory(s.Memory).Structure(placed);
                arguments.SetGrid(call.Groups);
            }),
            writesPart: call.Batch > 1);
    }

    private static SmallPlaneParameters Describe(ConvolutionCall call, ConstantSlot weights, ConstantSlot bias)
    {
        // Odd numbers of cache lines, so that the points do not fall on the same lines of the cache.
        int input = (call.GroupIn | 1) * Lanes, sums = (PaddedChannels(call) | 1) * Lanes;
        return new SmallPlaneParameters
        {
            WeightOffset = weights.Offset,
            BiasOffset = bias.Offset,
            GroupIn = call.GroupIn,
            Height = call.Input.Rows,
            Width = call.Input.Columns,
            GroupOut = call.GroupOut,
            OutHeight = call.Output.Rows,
            OutWidth = call.Output.Columns,
            PadRows = call.Pad.Rows,
            PadColumns = call.Pad.Columns,
            TileColumns = (int)Grids.Blocks(call.Output.Columns, Outputs),
            Tiles = Tiles(call),
            InputFloatsOfPoint = input,
            SumFloatsOfPoint = sums,
            ItemFloats = PointsOfTile * (input + sums),
            HasResidual = call.Residual is null ? 0 : 1,
            Activation = call.Activation,
        };
    }

    private static int Tiles(ConvolutionCall call) =>
        (int)(Grids.Blocks(call.Output.Rows, Outputs) * Grids.Blocks(call.Output.Columns, Outputs));

    private static bool SavesProducts(ConvolutionCall call)
    {
        long computed = Grids.Blocks(Tiles(call), TilesPerProduct) * TilesPerProduct;
        return Overhead * PointsOfTile * computed < (double)WindowSize * call.Output.Rows * call.Output.Columns;
    }

    private static int PaddedChannels(ConvolutionCall call) => (int)Grids.Blocks(call.GroupOut, Lanes) * Lanes;

    /// <summary>
    /// Weights as [group][point][tile of channels][input channel][channel of the tile]; a last tile of at most 16 channels
    /// is 16 wide.
    /// </summary>
    private static ConstantSlot Pack(ConvolutionCall call, ConstantPool constants)
    {
        int padded = PaddedChannels(call), ofPoint = padded * call.GroupIn;
        ConstantSlot slot = constants.Reserve((long)call.Groups * PointsOfTile * ofPoint, out Span<float> packed);
        packed.Clear();
        Span<float> points = stackalloc float[PointsOfTile];
        for (int output = 0; output < call.Groups * call.GroupOut; output++)
        {
            int group = output / call.GroupOut, channel = output % call.GroupOut;
            int tile = channel / ChannelsPerTile * ChannelsPerTile, width = Math.Min(ChannelsPerTile, padded - tile);
            for (int input = 0; input < call.GroupIn; input++)
            {
                Transform(call.Weights.AsSpan((output * call.GroupIn + input) * WindowSize, WindowSize), points);
                int to = group * PointsOfTile * ofPoint + tile * call.GroupIn + input * width + channel - tile;
                for (int point = 0; point < PointsOfTile; point++)
                {
                    packed[to + point * ofPoint] = points[point];
                }
            }
        }
        return slot;
    }

    /// <summary>U = G g G^T for one pair of channels.</summary>
    private static void Transform(ReadOnlySpan<float> weights, Span<float> points)
    {
        Span<float> rows = stackalloc float[Points * Window];
        for (int column = 0; column < Window; column++)
        {
            float g0 = weights[column], g1 = weights[Window + column], g2 = weights[2 * Window + column];
            rows[column] = g0;
            rows[Window + column] = (g0 + g1 + g2) / 2;
            rows[2 * Window + column] = (g0 - g1 + g2) / 2;
            rows[3 * Window + column] = g2;
        }
        for (int point = 0; point < Points; point++)
        {
            float r0 = rows[point * Window], r1 = rows[point * Window + 1], r2 = rows[point * Window + 2];
            points[point * Points] = r0;
            points[point * Points + 1] = (r0 + r1 + r2) / 2;
            points[point * Points + 2] = (r0 - r1 + r2) / 2;
            points[point * Points + 3] = r2;
        }
    }
}

/// <summary>The structure Winograd2 of cpu_winograd2.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct SmallPlaneParameters
{
    public int InputOffset;
    public int InputChannelStride;
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
    public int TileColumns;
    public int Tiles;
    public int InputFloatsOfPoint;
    public int SumFloatsOfPoint;
    public int ItemFloats;
    public int HasResidual;
    public Activation Activation;
}
