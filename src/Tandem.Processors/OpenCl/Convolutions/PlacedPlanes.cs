using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>Where the planes of a tensor lie, in elements, as kernels take it in their structures.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct PlacedPlanes
{
    public int Offset;
    public int BatchStride;
    public int ChannelStride;

    internal static PlacedPlanes Of(Placement placement) => new()
    {
        Offset = checked((int)placement.Offset),
        BatchStride = checked((int)placement.BatchStride),
        ChannelStride = checked((int)placement.ChannelStride),
    };
}

/// <summary>Arguments that kernels of convolutions have in common.</summary>
internal static class ConvolutionArguments
{
    /// <summary>The memory of input, weights, bias, residual (the output where there is none) and output.</summary>
    internal static LaunchArguments ConvolutionMemory(
        this LaunchArguments arguments, ConvolutionCall call, ConstantSlot weights, ConstantSlot bias) => arguments
            .Memory(arguments.Place(call.X).Memory)
            .Block(weights)
            .Block(bias)
            .Memory(arguments.Place(call.Residual ?? call.Y).Memory)
            .Memory(arguments.Place(call.Y).Memory);
}
