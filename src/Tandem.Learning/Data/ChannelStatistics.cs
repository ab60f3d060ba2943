using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>The mean and the standard deviation of the samples of each channel.</summary>
public static class ChannelStatistics
{
    /// <summary>The scaling after which each channel has mean 0 and deviation 1; a channel that is constant is only moved to 0.</summary>
    /// <param name="images">The images to train on. All are read once.</param>
    /// <returns>The scaling "data": samples / 255, minus the mean, over the deviation.</returns>
    public static PixelScaling Of(ILabelledImages images)
    {
        ImageShape shape = images.Shape;
        // Sums of bytes are exact, so the order of the images does not matter.
        long[] sums = new long[shape.Channels];
        long[] squares = new long[shape.Channels];
        byte[] samples = new byte[shape.SampleCount];
        for (int i = 0; i < images.Count; i++)
        {
            images.Read(i, samples);
            for (int channel = 0; channel < shape.Channels; channel++)
            {
                Add(samples.AsSpan(channel * shape.PlaneSize, shape.PlaneSize), ref sums[channel], ref squares[channel]);
            }
        }
        double count = (double)images.Count * shape.PlaneSize;
        float[] means = Array.ConvertAll(sums, sum => (float)(sum / count / byte.MaxValue));
        float[] deviations = [.. sums.Zip(squares, (sum, square) => Deviation(sum / count, square / count))];
        return new PixelScaling("data", 1f / byte.MaxValue, means, deviations);
    }

    private static void Add(ReadOnlySpan<byte> plane, ref long sum, ref long square)
    {
        foreach (byte sample in plane)
        {
            sum += sample;
            square += sample * sample;
        }
    }

    private static float Deviation(double mean, double meanSquare)
    {
        double variance = meanSquare - (mean * mean);
        return variance > 1e-9 ? (float)(Math.Sqrt(variance) / byte.MaxValue) : 1;
    }
}
