using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>Weights in the order that work-items of a GPU read side by side: output channels next to each other.</summary>
internal static class DepthMajorWeights
{
    /// <summary>Weights of [group][output channel][depth] as [group][depth][output channel].</summary>
    internal static ConstantSlot Pack(ConvolutionCall call, ConstantPool constants)
    {
        int depth = call.Depth, channels = call.GroupOut;
        ConstantSlot slot = constants.ReserveWeights((long)call.Groups * channels * depth, out Span<float> packed);
        for (int output = 0; output < call.Groups * channels; output++)
        {
            Span<float> to = packed[(output / channels * channels * depth + output % channels)..];
            for (int k = 0; k < depth; k++)
            {
                to[k * channels] = call.Weights[output * depth + k];
            }
        }
        return slot;
    }
}
