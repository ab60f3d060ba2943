using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>
/// 1x1 and 3x3 convolutions whose weights are an image, four output channels for each pixel, which GPUs of phones read through a cache of
/// their own. Never the first guess: whether that is faster, only measuring tells.
/// </summary>
internal sealed class GpuImageConvolution(DirectTile tile) : IConvolutionAlgorithm
{
    /// <summary>The tiles that are tried.</summary>
    internal static readonly IReadOnlyList<DirectTile> Tiles =
    [
        new(4, 1, 1, 16, 4),
        new(4, 1, 4, 16, 4),
        new(8, 1, 2, 16, 4),
    ];

    public string Name => $"image {tile.Name}";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        !device.IsCpuBacked && call.Groups == 1 && IsKnownWindow(call.Kernel) && tile.Fits(device)
        && (tile.Channels == ConstantImages.Channels || call.GroupOut > ConstantImages.Channels)
        && call.Depth <= device.MaxImageWidth && Quads(call) <= device.MaxImageHeight;

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        var tiling = new ChannelTiling(1, call.GroupOut, call.Depth, tile.Channels);
        ImageSlot weights = Pack(call, compiler.Constants.Images);
        ConstantSlot bias = tiling.PackBias(call.Bias, compiler.Constants);
        // Planes that nothing is padded of are long rows, in which no work-item is idle.
        bool isFlat = call.Kernel == new Plane(1, 1) && call.Stride == new Plane(1, 1) && call.Pad == default && call.Input == call.Output;
        Plane input = isFlat ? Flat(call.Input) : call.Input, output = isFlat ? Flat(call.Output) : call.Output;
        var program = new ProgramKey("gpu_image", tile.Options);
        compiler.Add(new Launch(program, "gpu_image", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Image(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                tiling.Tiles, call.GroupIn, call.GroupOut, input.Rows, input.Columns, output.Rows, output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            (long x, long y) = tile.Grid(output);
            arguments.SetGrid(x, y, (long)call.Batch * tiling.Tiles);
            arguments.SetGroup(tile.GroupColumns, tile.GroupRows);
        }));
    }

    private static bool IsKnownWindow(Plane kernel) => kernel == new Plane(1, 1) || kernel == new Plane(3, 3);

    private static Plane Flat(Plane plane) => new(1, plane.Rows * plane.Columns);

    /// <summary>Rows of the image: full tiles of four channels each.</summary>
    private int Quads(ConvolutionCall call) =>
        (int)Grids.Blocks(call.GroupOut, tile.Channels) * tile.Channels / ConstantImages.Channels;

    /// <summary>Weights as [four output channels][depth][channel of the four].</summary>
    private ImageSlot Pack(ConvolutionCall call, ConstantImages images)
    {
        int depth = call.Depth;
        ImageSlot slot = images.Add(depth, Quads(call), out Span<float> packed);
        packed.Clear();
        for (int output = 0; output < call.GroupOut; output++)
        {
            int to = output / ConstantImages.Channels * depth * ConstantImages.Channels + output % ConstantImages.Channels;
            for (int k = 0; k < depth; k++)
            {
                packed[to + k * ConstantImages.Channels] = call.Weights[output * depth + k];
            }
        }
        return slot;
    }
}
