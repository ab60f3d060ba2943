using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>One way to compute a convolution.</summary>
internal interface IConvolutionAlgorithm
{
    /// <summary>A name for people.</summary>
    string Name { get; }

    /// <summary>Whether it can compute this convolution on this device, and is worth it.</summary>
    bool Supports(ConvolutionCall call, OpenClDevice device);

    /// <summary>Packs the weights and adds the launches.</summary>
    void Emit(ConvolutionCall call, SliceCompiler compiler);
}

/// <summary>The algorithms, best first; the last supports everything.</summary>
internal static class ConvolutionAlgorithms
{
    internal static readonly IReadOnlyList<IConvolutionAlgorithm> All =
    [
        new FullConvolution(),
        new CpuDepthwiseConvolution(),
        new GroupedPointwiseConvolution(),
        new FirstLayerConvolution(),
        new RowConvolution(),
        new WinogradConvolution(),
        new SmallPlaneConvolution(),
        new PointwiseConvolution(),
        new BlockedConvolution(),
        new DepthwiseConvolution(),
        new DirectConvolution(),
    ];

    /// <summary>The best algorithm for a convolution.</summary>
    internal static IConvolutionAlgorithm Choose(ConvolutionCall call, OpenClDevice device) =>
        All.First(algorithm => algorithm.Supports(call, device));
}
