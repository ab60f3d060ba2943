using Tandem.Prediction.Codl;
using Tandem.Prediction.Kernels;

namespace Tandem.Prediction.Tests.Kernels;

/// <summary>A device whose law is known: blocks of 16 channels and 8 columns, memory that is slower beyond a cache, a launch, and noise.</summary>
internal sealed class SyntheticDevice(int seed, double noise)
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly long[] Extents = [7, 13, 14, 17, 27, 28, 35, 55, 56, 112];
    private static readonly long[] Channels = [16, 24, 32, 48, 64, 96, 112, 128, 192, 256, 320, 512];

    private readonly Random _random = new(seed);

    public KernelConfiguration Next() => _random.Next(4) switch
    {
        0 => Convolution("conv 1x1", 1),
        1 => Convolution("conv 3x3", 3),
        2 => Plain("Add", "Add", 1, 1, 2),
        _ => Plain("pooling", "MaxPool", 3, 2, 1),
    };

    public static double ExactMs(in KernelConfiguration kernel)
    {
        KernelShape s = kernel.Shape;
        double columns = Math.Ceiling(s.Columns / 8.0) * 8;
        double channels = s.Weights > 0 ? Math.Ceiling(s.Channels / 16.0) * 16 : s.Channels;
        double elements = s.Inputs + s.Outputs;
        double products = s.Rows * columns * channels * s.Depth * s.WindowRows * s.WindowColumns;
        double slowdown = elements * sizeof(float) > 1 << 20 ? 1.5 : 1;
        return 0.004 + products * 2e-8 + elements * slowdown * 4e-7 + s.Weights * 1e-7;
    }

    public KernelSample Measure(KernelConfiguration kernel, DateTimeOffset time, double slowness = 1)
    {
        double normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        return new KernelSample(kernel, ExactMs(kernel) * slowness * Math.Exp(noise * normal), time);
    }

    private long Pick(long[] from) => from[_random.Next(from.Length)];

    private KernelConfiguration Convolution(string type, long window)
    {
        long extent = Pick(Extents);
        long depth = Pick(Channels);
        var shape = new KernelShape
        {
            Type = type,
            Batch = 1,
            Rows = extent,
            Columns = extent,
            Channels = Pick(Channels),
            Groups = 1,
            Depth = depth,
            InputRows = extent,
            InputColumns = extent,
            InputChannels = depth,
            WindowRows = window,
            WindowColumns = window,
            StrideRows = 1,
            ReadsAllChannels = true,
        };
        return new KernelConfiguration("Conv+Relu", shape, false, 1);
    }

    private KernelConfiguration Plain(string type, string operators, long window, long stride, int inputs)
    {
        long extent = Pick(Extents);
        long channels = Pick(Channels);
        var shape = new KernelShape
        {
            Type = type,
            Batch = 1,
            Rows = extent,
            Columns = extent,
            Channels = channels,
            Groups = 1,
            Depth = 1,
            InputRows = extent * stride,
            InputColumns = extent * stride,
            InputChannels = channels,
            WindowRows = window,
            WindowColumns = window,
            StrideRows = stride,
            SidePerOutput = inputs - 1,
        };
        return new KernelConfiguration(operators, shape, false, inputs);
    }
}
