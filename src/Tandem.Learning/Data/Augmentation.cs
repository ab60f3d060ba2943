using Tandem.Learning.Images;

namespace Tandem.Learning.Data;

/// <summary>
/// What happens to an image between a data set and a network: random transforms one after another, and then the change of samples to
/// numbers. How an image is changed depends on seed, epoch and index only, so it is the same wherever training began.
/// </summary>
/// <param name="transforms">The random transforms in the order in which they are applied; none for validation.</param>
/// <param name="scaling">The numbers that the network expects, such as those of <see cref="ChannelStatistics"/>.</param>
public sealed class Augmentation(IReadOnlyList<IImageTransform> transforms, PixelScaling scaling)
{
    /// <summary>The numbers that the network expects.</summary>
    public PixelScaling Scaling => scaling;

    /// <summary>Only the change of samples to numbers.</summary>
    public static Augmentation None(PixelScaling scaling) => new([], scaling);

    /// <summary>A random crop with a black border and a random flip, as is usual for CIFAR-10.</summary>
    public static Augmentation CropAndFlip(PixelScaling scaling, int border = 4) => new([new RandomCrop(border), new RandomFlip()], scaling);

    /// <summary>The bytes of scratch memory that <see cref="Apply"/> needs.</summary>
    public static int ScratchBytes(ImageShape shape) => 2 * shape.SampleCount;

    /// <summary>Reads, changes and scales an image.</summary>
    /// <param name="images">The data set.</param>
    /// <param name="index">The image.</param>
    /// <param name="seed">Says, with epoch and index, how it is changed.</param>
    /// <param name="epoch">The pass through the data set.</param>
    /// <param name="numbers">Takes the numbers, plane by plane: the shape's SampleCount.</param>
    /// <param name="scratch"><see cref="ScratchBytes"/>; its contents are lost.</param>
    public void Apply(ILabelledImages images, int index, ulong seed, int epoch, Span<float> numbers, Span<byte> scratch)
    {
        ImageShape shape = images.Shape;
        Span<byte> image = scratch[..shape.SampleCount];
        Span<byte> changed = scratch.Slice(shape.SampleCount, shape.SampleCount);
        images.Read(index, image);
        var random = new RandomSequence(seed, (ulong)epoch, (ulong)index);
        for (int i = 0; i < transforms.Count; i++)
        {
            transforms[i].Apply(image, changed, shape, ref random);
            Span<byte> before = image;
            image = changed;
            changed = before;
        }
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            (float factor, float offset) = scaling.Affine(channel);
            Scale(image.Slice(channel * shape.PlaneSize, shape.PlaneSize), numbers.Slice(channel * shape.PlaneSize, shape.PlaneSize), factor, offset);
        }
    }

    private static void Scale(ReadOnlySpan<byte> samples, Span<float> numbers, float factor, float offset)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            numbers[i] = (samples[i] * factor) + offset;
        }
    }
}
