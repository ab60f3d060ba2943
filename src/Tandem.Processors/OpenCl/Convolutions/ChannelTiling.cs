using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>How the direct convolutions' weights are packed: tiles of output channels that a work-item makes together.</summary>
/// <param name="Groups">Number of groups.</param>
/// <param name="GroupOut">Output channels of each group.</param>
/// <param name="Depth">Weights of each output channel.</param>
/// <param name="Tile">Output channels of a tile.</param>
internal sealed record ChannelTiling(int Groups, int GroupOut, int Depth, int Tile)
{
    /// <summary>Tiles of each group.</summary>
    internal int Tiles => (int)Grids.Blocks(GroupOut, Tile);

    /// <summary>Weights of [output channel][depth] as [group][tile][depth][channel of the tile].</summary>
    internal ConstantSlot Pack(float[] weights, ConstantPool constants)
    {
        ConstantSlot slot = constants.ReserveWeights((long)Groups * Tiles * Depth * Tile, out Span<float> packed);
        packed.Clear();
        for (int output = 0; output < Groups * GroupOut; output++)
        {
            int group = output / GroupOut, channel = output % GroupOut;
            int to = (group * Tiles + channel / Tile) * Depth * Tile + channel % Tile;
            for (int k = 0; k < Depth; k++)
            {
                packed[to + k * Tile] = weights[output * Depth + k];
            }
        }
        return slot;
    }

    /// <summary>One number for each output channel as [group][tile][channel of the tile].</summary>
    internal ConstantSlot PackBias(float[] bias, ConstantPool constants)
    {
        ConstantSlot slot = constants.Reserve((long)Groups * Tiles * Tile, out Span<float> packed);
        packed.Clear();
        for (int group = 0; group < Groups; group++)
        {
            bias.AsSpan(group * GroupOut, GroupOut).CopyTo(packed[(group * Tiles * Tile)..]);
        }
        return slot;
    }
}
