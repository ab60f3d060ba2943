namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>The variants of convolutions on GPUs: each an algorithm with its tile and work-group sizes.</summary>
internal static class GpuConvolutions
{
    // The tiles that the products of transformed inputs are tried with, which are large: all tiles of a plane are their columns.
    private static readonly ProductTile[] WinogradTiles = [ProductTile.All[0], ProductTile.All[2], ProductTile.All[3], ProductTile.All[4]];

    /// <summary>
    /// All of them, those first that are the better guess where nothing was measured. Their names are persisted with what was
    /// measured of them, so they never change their meaning.
    /// </summary>
    internal static readonly IReadOnlyList<IConvolutionAlgorithm> All =
    [
        .. GpuDepthwiseConvolution.Tiles.Select(tile => new GpuDepthwiseConvolution(tile)),
        .. ProductTile.All.Select(tile => new TiledConvolution(tile)),
        .. GpuDirectConvolution.Tiles.Select(tile => new GpuDirectConvolution(tile)),
        .. WinogradTiles.Select(tile => new GpuWinogradConvolution(4, tile)),
        .. WinogradTiles.Select(tile => new GpuWinogradConvolution(2, tile)),
        .. GpuImageConvolution.Tiles.Select(tile => new GpuImageConvolution(tile)),
    ];

    /// <summary>The variants that can compute a convolution on a device; the definition, which any device can run, where none can.</summary>
    internal static IReadOnlyList<IConvolutionAlgorithm> For(ConvolutionCall call, OpenClDevice device)
    {
        IConvolutionAlgorithm[] fitting = [.. All.Where(algorithm => algorithm.Supports(call, device))];
        return fitting.Length > 0 ? fitting : [new DirectConvolution()];
    }

    /// <summary>The class of shapes that convolutions are tuned by.</summary>
    internal static KernelClass ClassOf(ConvolutionCall call)
    {
        string kind = call.Groups == 1 ? "conv" : call.GroupIn == 1 ? "depthwise" : "grouped";
        return KernelClass.Of(
            $"{kind} {call.Kernel.Rows}x{call.Kernel.Columns} stride {call.Stride.Rows}x{call.Stride.Columns} "
            + $"dilation {call.Dilation.Rows}x{call.Dilation.Columns}",
            call.GroupIn,
            call.GroupIn == 1 && call.Groups > 1 ? call.Groups * call.GroupOut : call.GroupOut,
            (long)call.Batch * call.Output.Rows * call.Output.Columns);
    }
}
