namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Comparison of tensors' elements.</summary>
internal static class Compare
{
    /// <summary>Checks that elements differ by at most a share of the expected ones' size, plus an absolute amount.</summary>
    public static void Close(
        ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative, double absolute)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = absolute + relative * Math.Abs(expected[i]);
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= allowed,
                $"element {i} is {actual[i]}, not {expected[i]} (tolerance {allowed})");
        }
    }

    /// <summary>Checks that elements differ by at most a share of the greatest expected one.</summary>
    public static void CloseToScale(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative)
    {
        double scale = 0;
        foreach (float value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }
        Close(expected, actual, 0, Math.Max(scale * relative, 1e-30));
    }
}
