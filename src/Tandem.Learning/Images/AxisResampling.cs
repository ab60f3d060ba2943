namespace Tandem.Learning.Images;

/// <summary>
/// How the samples along one axis become another number of samples. Growing interpolates linearly between pixel centres
/// (edges repeat); shrinking averages the area that each new pixel covers, so that nothing aliases and the mean stays.
/// The weights of every new sample add up to one.
/// </summary>
internal sealed class AxisResampling
{
    private readonly int[] _firstSources;
    private readonly float[][] _weights;

    private AxisResampling(int target)
    {
        _firstSources = new int[target];
        _weights = new float[target][];
    }

    /// <summary>Plans the resampling of <paramref name="source"/> samples to <paramref name="target"/>, both at least 1.</summary>
    internal static AxisResampling Between(int source, int target)
    {
        var axis = new AxisResampling(target);
        double step = (double)source / target;
        for (int i = 0; i < target; i++)
        {
            if (step > 1)
            {
                axis.Average(i, i * step, Math.Min((i + 1) * step, source));
            }
            else
            {
                axis.Interpolate(i, Math.Clamp(((i + 0.5) * step) - 0.5, 0, source - 1), source);
            }
        }
        return axis;
    }

    /// <summary>
    /// Resamples one line. Samples lie a stride apart, so rows (stride 1) and columns (stride = the width) go through the
    /// same code.
    /// </summary>
    internal void Apply(
        ReadOnlySpan<float> source, int sourceStart, int sourceStride, Span<float> target, int targetStart, int targetStride)
    {
        for (int i = 0; i < _weights.Length; i++)
        {
            float sum = 0;
            int position = sourceStart + (_firstSources[i] * sourceStride);
            foreach (float weight in _weights[i])
            {
                sum += weight * source[position];
                position += sourceStride;
            }
            target[targetStart + (i * targetStride)] = sum;
        }
    }

    private void Average(int target, double from, double to)
    {
        int first = (int)from;
        int last = (int)Math.Ceiling(to) - 1;
        float[] weights = new float[last - first + 1];
        for (int source = first; source <= last; source++)
        {
            double covered = Math.Min(to, source + 1) - Math.Max(from, source);
            weights[source - first] = (float)(covered / (to - from));
        }
        _firstSources[target] = first;
        _weights[target] = weights;
    }

    private void Interpolate(int target, double centre, int sourceCount)
    {
        int first = Math.Min((int)centre, Math.Max(0, sourceCount - 2));
        float second = (float)(centre - first);
        _firstSources[target] = first;
        _weights[target] = second > 0 ? [1 - second, second] : [1];
    }
}
