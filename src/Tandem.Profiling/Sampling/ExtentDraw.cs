using Tandem.Graphs.Networks;

namespace Tandem.Profiling.Sampling;

/// <summary>Draws the sizes of kernels as vision networks have them, and as dividing these between processors makes them. Seeded; the same on every machine.</summary>
internal sealed class ExtentDraw
{
    private const int LeastSide = 7;
    private const int MostSide = 224;
    private const int LeastChannels = 3;
    private const int MostChannels = 1024;

    // Networks trade planes for channels: channels times side lies between these, from MobileNet's first to ResNet's last layers.
    private const int LeastChannelsTimesSide = 500;
    private const int MostChannelsTimesSide = 16_000;

    private const double UsualSides = 0.6;
    private const double SquarePlanes = 0.85;
    private const double RoundChannels = 0.65;

    private static readonly long[] Sides = [7, 8, 10, 13, 14, 16, 19, 20, 26, 28, 32, 35, 38, 40, 52, 56, 64, 75, 80, 104, 112, 128, 150, 160, 208, 224];

    private NoiseSource _noise;

    /// <summary>The stream of one kernel.</summary>
    public ExtentDraw(int seed, int index) => _noise = new NoiseSource(seed, FormattableString.Invariant($"kernel {index}"));

    /// <summary>A number from [0, 1).</summary>
    public double Fraction() => (_noise.Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>True in this part of all cases.</summary>
    public bool Chance(double part) => Fraction() < part;

    /// <summary>One of some values.</summary>
    public T Pick<T>(params ReadOnlySpan<T> values) => values[(int)(Fraction() * values.Length)];

    /// <summary>A whole number from both bounds and between, its logarithm evenly distributed.</summary>
    public long Between(long least, long most) => least >= most
        ? least
        : Math.Min(most, (long)Math.Exp(Math.Log(least) + Fraction() * Math.Log((most + 1.0) / least)));

    /// <summary>Rows and columns of a plane: mostly square and as usual networks have them.</summary>
    public (long Rows, long Columns) Plane()
    {
        long rows = Chance(UsualSides) ? Pick(Sides) : Between(LeastSide, MostSide);
        return (rows, Chance(SquarePlanes) ? rows : Between(LeastSide, MostSide));
    }

    /// <summary>Channels that go with planes of this size: often a multiple of 8 or 16, otherwise anything, as slices have it.</summary>
    public long Channels((long Rows, long Columns) plane)
    {
        double side = Math.Sqrt((double)plane.Rows * plane.Columns);
        long channels = Between(
            (long)Math.Clamp(LeastChannelsTimesSide / side, LeastChannels, MostChannels),
            (long)Math.Clamp(MostChannelsTimesSide / side, LeastChannels, MostChannels));
        long multiple = channels < 16 || !Chance(RoundChannels) ? 1 : Pick(8, 16);
        return (channels + multiple / 2) / multiple * multiple;
    }

    /// <summary>The same for what convolutions read, which slices leave whole: nearly always a multiple of 4.</summary>
    public long InputChannels((long Rows, long Columns) plane)
    {
        long channels = Channels(plane);
        return channels < 8 || Chance(0.06) ? channels : (channels + 2) / 4 * 4;
    }
}
