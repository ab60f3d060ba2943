using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>Depthwise convolutions of 1x1, which scale and shift channels: one pass over memory.</summary>
internal sealed class ScaleConvolution : IConvolutionAlgorithm
{
    public string Name => "scale";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        call is { GroupIn: 1, GroupOut: 1, Groups: > 1, Residual: null }
        && call.Kernel == new Plane(1, 1) && call.Stride == new Plane(1, 1) && call.Pad == default && call.Input == call.Output;

    public void Emit(ConvolutionCall call, SliceCompiler compiler) =>
        ChannelScaleLowering.Emit(compiler, call.X, call.Y, new ChannelScale(call.Weights, call.Bias), call.Activation);
}
