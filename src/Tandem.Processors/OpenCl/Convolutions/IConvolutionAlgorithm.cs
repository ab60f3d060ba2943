using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;

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

/// <summary>The algorithms for CPU-backed devices, best first; the last supports everything. GPUs have variants, which are tuned.</summary>
internal static class ConvolutionAlgorithms
{
    internal static readonly IReadOnlyList<IConvolutionAlgorithm> All =
    [
        new FullConvolution(),
        new ScaleConvolution(),
        new CpuDepthwiseConvolution(),
        new GroupedPointwiseConvolution(),
        new FirstLayerConvolution(),
        new RowConvolution(),
        new SmallPlaneConvolution(),
        new WinogradConvolution(),
        new PointwiseConvolution(),
        new BlockedConvolution(),
        new DepthwiseConvolution(),
        new DirectConvolution(),
    ];

    /// <summary>The best algorithm for a convolution that is known.</summary>
    internal static IConvolutionAlgorithm Choose(ConvolutionCall call, SliceCompiler compiler) => compiler.Device.IsCpuBacked
        ? All.First(algorithm => algorithm.Supports(call, compiler.Device))
        : compiler.Choices.Choose(
            GpuConvolutions.ClassOf(call), GpuConvolutions.For(call, compiler.Device), algorithm => algorithm.Name);
}
