using Tandem.Learning.Data;
using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Data;

/// <summary>Small data sets whose samples are known.</summary>
internal static class TestSets
{
    internal static readonly ImageShape Tiny = new(3, 4, 5);

    internal static PixelScaling Raw => PixelScaling.Raw;

    /// <summary>Image i is filled with seeded noise and has label i modulo the classes.</summary>
    internal static StoredImages Noise(int count, int classes = 2, ImageShape? shape = null)
    {
        ImageShape size = shape ?? Tiny;
        byte[] samples = new byte[count * size.SampleCount];
        new Random(count).NextBytes(samples);
        return new StoredImages(
            size, [.. Enumerable.Range(0, classes).Select(i => $"class {i}")], samples, [.. Enumerable.Range(0, count).Select(i => i % classes)]);
    }

    internal static byte[] Samples(ILabelledImages images, int index)
    {
        byte[] samples = new byte[images.Shape.SampleCount];
        images.Read(index, samples);
        return samples;
    }

    /// <summary>Checks for a failure of one line that has these parts.</summary>
    internal static void Fails(Func<object?> make, params string[] parts) => Fails(() => { make(); }, parts);

    /// <summary>Checks for a failure of one line that has these parts.</summary>
    internal static void Fails(Action action, params string[] parts)
    {
        string message = Assert.Throws<DatasetException>(action).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }
}
