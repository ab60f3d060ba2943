using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// The weights of 3x3 convolutions, transformed for F(4x4, 3x3): U = G g G^T, where each row of G evaluates a polynomial of
/// degree two at one of the points of cpu_winograd.cl (Lavin and Gray, 2016; Toom and Cook's algorithm).
/// </summary>
internal static class WinogradWeights
{
    /// <summary>Points on each axis: as many as inputs of a tile.</summary>
    internal const int Points = 6;

    /// <summary>Output channels that the kernel takes together, and what their number is rounded up to.</summary>
    internal const int ChannelsPerTile = 32;

    /// <inheritdoc cref="ChannelsPerTile"/>
    internal const int HalfTile = 16;

    private const int Window = 3;
    private const int WindowSize = Window * Window;

    private static readonly double[] G = Evaluation();

    /// <summary>
    /// Weights as [group][point][tile of channels][input channel][channel of the tile]; a last tile of at most 16 channels
    /// is 16 wide.
    /// </summary>
    internal static ConstantSlot Pack(ConvolutionCall call, ConstantPool constants)
    {
        int padded = PaddedChannels(call);
        long ofGroup = (long)WinogradTiling.PointsOfTile * padded * call.GroupIn;
        ConstantSlot slot = constants.Reserve(call.Groups * ofGroup, out Span<float> packed);
        packed.Clear();
        for (int group = 0; group < call.Groups; group++)
        {
            Span<float> to = packed.Slice((int)(group * ofGroup), (int)ofGroup);
            for (int tile = 0; tile < call.GroupOut; tile += ChannelsPerTile)
            {
                PackTile(call, group, tile, padded, to);
            }
        }
        return slot;
    }

    /// <summary>Weights as they are, for the kernel to transform: [group][tile of channels][input channel][row][column][channel of the tile].</summary>
    internal static ConstantSlot PackUntransformed(ConvolutionCall call, ConstantPool constants)
    {
        int padded = PaddedChannels(call), ofChannel = call.GroupIn * WindowSize;
        ConstantSlot slot = constants.Reserve((long)call.Groups * padded * ofChannel, out Span<float> packed);
        packed.Clear();
        for (int channel = 0; channel < call.Groups * call.GroupOut; channel++)
        {
            int group = channel / call.GroupOut, inGroup = channel % call.GroupOut;
            int tile = inGroup / ChannelsPerTile * ChannelsPerTile, width = Math.Min(ChannelsPerTile, padded - tile);
            ReadOnlySpan<float> from = call.Weights.AsSpan(channel * ofChannel, ofChannel);
            Span<float> to = packed[((group * padded + tile) * ofChannel + inGroup - tile)..];
            for (int i = 0; i < ofChannel; i++)
            {
                to[i * width] = from[i];
            }
        }
        return slot;
    }

    /// <summary>Output channels of a group, rounded up to those that are packed.</summary>
    internal static int PaddedChannels(ConvolutionCall call) => (int)Grids.Blocks(call.GroupOut, HalfTile) * HalfTile;

    private static void PackTile(ConvolutionCall call, int group, int tile, int padded, Span<float> to)
    {
        int width = Math.Min(ChannelsPerTile, padded - tile), channels = Math.Min(width, call.GroupOut - tile);
        int ofPoint = padded * call.GroupIn;
        Span<double> points = stackalloc double[WinogradTiling.PointsOfTile];
        for (int input = 0; input < call.GroupIn; input++)
        {
            int at = tile * call.GroupIn + input * width;
            for (int channel = 0; channel < channels; channel++)
            {
                int from = ((group * call.GroupOut + tile + channel) * call.GroupIn + input) * WindowSize;
                Transform(call.Weights.AsSpan(from, WindowSize), points);
                for (int point = 0; point < WinogradTiling.PointsOfTile; point++)
                {
                    to[point * ofPoint + at + channel] = (float)points[point];
                }
            }
        }
    }

    /// <summary>U = G g G^T for one pair of channels.</summary>
    private static void Transform(ReadOnlySpan<float> weights, Span<double> points)
    {
        Span<double> rows = stackalloc double[Points * Window];
        for (int point = 0; point < Points; point++)
        {
            double g0 = G[point * Window], g1 = G[point * Window + 1], g2 = G[point * Window + 2];
            for (int column = 0; column < Window; column++)
            {
                rows[point * Window + column] =
                    g0 * weights[column] + g1 * weights[Window + column] + g2 * weights[2 * Window + column];
            }
        }
        for (int point = 0; point < Points; point++)
        {
            double r0 = rows[point * Window], r1 = rows[point * Window + 1], r2 = rows[point * Window + 2];
            for (int other = 0; other < Points; other++)
            {
                points[point * Points + other] =
                    r0 * G[other * Window] + r1 * G[other * Window + 1] + r2 * G[other * Window + 2];
            }
        }
    }

    /// <summary>The matrix G: powers of each finite point, over the product of its distances from the others; infinity last.</summary>
    private static double[] Evaluation()
    {
        double a = Math.Sqrt(0.5), b = Math.Sqrt(2);
        double[] finite = [0, a, -a, b, -b];
        var matrix = new double[Points * Window];
        for (int point = 0; point < finite.Length; point++)
        {
            double scale = 1;
            foreach (double other in finite.Where(other => other != finite[point]))
            {
                scale /= finite[point] - other;
            }
            matrix[point * Window] = scale;
            matrix[point * Window + 1] = scale * finite[point];
            matrix[point * Window + 2] = scale * finite[point] * finite[point];
        }
        matrix[^1] = 1;
        return matrix;
    }
}
