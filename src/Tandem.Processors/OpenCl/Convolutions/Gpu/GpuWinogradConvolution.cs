using System.Globalization;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>
/// 3x3 convolutions of stride 1 by Winograd's F(2x2, 3x3) or F(4x4, 3x3): a launch transforms the input, a batch of tiled products
/// multiplies, a launch transforms the sums (Lavin and Gray, 2016). What lies between is in the arena.
/// </summary>
/// <param name="outputs">Outputs of a tile on each axis: 2 or 4.</param>
/// <param name="tile">The extents of the product.</param>
internal sealed class GpuWinogradConvolution(int outputs, ProductTile tile) : IConvolutionAlgorithm
{
    private const int FewestChannels = 8;
    private const int GroupItems = 64;

    public string Name => $"winograd{outputs} {tile.Name}";

    private int PointsOfTile => ToomCook.Points(outputs) * ToomCook.Points(outputs);

    public bool Supports(ConvolutionCall call, OpenClDevice device)
    {
        long floats = PointsOfTile * Tiles(call) * call.Groups * Math.Max(call.GroupIn, call.GroupOut);
        return !device.IsCpuBacked && tile.Fits(device) && GroupItems <= device.MaxWorkGroupSize
            && call.Kernel == new Plane(3, 3) && call.Stride == new Plane(1, 1) && call.Dilation == new Plane(1, 1)
            && Math.Min(call.GroupIn, call.GroupOut) >= FewestChannels
            && floats * sizeof(float) <= Math.Min(device.MaxAllocationBytes / 4, int.MaxValue);
    }

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = ToomCook.Pack(call, outputs, compiler.Constants);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        long tiles = Tiles(call), batches = (long)call.Groups * PointsOfTile;
        TensorNode inputs = compiler.Scratch(batches, call.GroupIn, tiles);
        TensorNode sums = compiler.Scratch(batches, call.GroupOut, tiles);
        AddInput(call, compiler, inputs, tiles);
        new ProductLaunch
        {
            Extents = (call.GroupOut, tiles, call.GroupIn),
            Batches = (batches, 1),
            Reads = [TensorUse.Dense(inputs)],
            Write = TensorUse.Dense(sums),
            Operands = arguments => arguments
                .Constant(weights).Ints((long)call.GroupIn * call.GroupOut, 0, 1, call.GroupOut)
                .Tensor(inputs).Ints(call.GroupIn * tiles, 0, tiles, 1)
                .Tensor(sums).Ints(call.GroupOut * tiles, 0, tiles, 1),
        }.Add(compiler, new TiledProduct(tile));
        AddOutput(call, compiler, sums, bias, tiles);
    }

    private ProgramKey Program => new("gpu_winograd", string.Create(CultureInfo.InvariantCulture, $"-DOUTPUTS={outputs}"));

    private void AddInput(ConvolutionCall call, SliceCompiler compiler, TensorNode inputs, long tiles) => compiler.Add(
        new Launch(Program, "transform_input", [TensorUse.Planes(call.X)], [TensorUse.Dense(inputs)], arguments =>
        {
            arguments.Planes(call.X).Tensor(inputs).Ints(
                call.GroupIn, call.Input.Rows, call.Input.Columns, call.Pad.Rows, call.Pad.Columns,
                TileRows(call), TileColumns(call), tiles);
            SetGrid(arguments, tiles, (long)call.Groups * call.GroupIn);
        }));

    private void AddOutput(ConvolutionCall call, SliceCompiler compiler, TensorNode sums, ConstantSlot bias, long tiles)
    {
        List<TensorUse> reads = [TensorUse.Dense(sums)];
        if (call.Residual is { } residual)
        {
            reads.Add(TensorUse.Planes(residual));
        }
        compiler.Add(new Launch(Program, "transform_output", reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Tensor(sums).Planes(call.Y).Constant(bias).OptionalPlanes(call.Residual, call.Y);
            arguments.Ints(call.GroupOut, call.Output.Rows, call.Output.Columns, TileRows(call), TileColumns(call), tiles);
            arguments.Activation(call.Activation);
            SetGrid(arguments, tiles, (long)call.Groups * call.GroupOut);
        }));
    }

    private static void SetGrid(LaunchArguments arguments, long tiles, long channels)
    {
        arguments.SetGrid(Grids.Blocks(tiles, GroupItems) * GroupItems, channels);
        arguments.SetGroup(GroupItems);
    }

    private long TileRows(ConvolutionCall call) => Grids.Blocks(call.Output.Rows, outputs);

    private long TileColumns(ConvolutionCall call) => Grids.Blocks(call.Output.Columns, outputs);

    private long Tiles(ConvolutionCall call) => call.Batch * TileRows(call) * TileColumns(call);
}
