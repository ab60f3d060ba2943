namespace Tandem.Processors.OpenCl.Operators;

/// <summary>How work is cut into work-items; the numbers are those that the kernels are built with.</summary>
internal static class Grids
{
    /// <summary>How many blocks of a size cover a number of elements.</summary>
    internal static long Blocks(long count, long size) => (count + size - 1) / size;

    /// <summary>Floats in a vector (the macro V).</summary>
    internal static int VectorWidth(OpenClDevice device) => device.IsCpuBacked ? 16 : 1;

    /// <summary>Output channels that a work-item of a direct convolution makes (the macro TILE).</summary>
    internal static int ChannelTile(OpenClDevice device) => device.IsCpuBacked ? 8 : 4;

    /// <summary>Elements that a work-item of an elementwise kernel takes (the macro CHUNK).</summary>
    internal static int Chunk(OpenClDevice device) => device.IsCpuBacked ? 8192 : 4;
}
