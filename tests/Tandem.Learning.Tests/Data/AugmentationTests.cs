using FsCheck;
using FsCheck.Fluent;
using Tandem.Learning.Data;
using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Data;

public sealed class AugmentationTests
{
    private static readonly Arbitrary<int> Sizes = Gen.Choose(1, 9).ToArbitrary();
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, 1_000_000).ToArbitrary();

    [Fact]
    public void Flip_is_the_image_or_its_mirror() => Prop.ForAll(Sizes, Sizes, Seeds, (height, width, seed) =>
    {
        var shape = new ImageShape(3, height, width);
        byte[] image = Noise(shape, seed);
        byte[] changed = Changed(new RandomFlip(), image, shape, seed);
        byte[] mirror = [.. Enumerable.Range(0, image.Length).Select(i => image[i - (i % width) + (width - 1 - (i % width))])];
        return changed.SequenceEqual(image) || changed.SequenceEqual(mirror);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Half_of_the_images_are_flipped()
    {
        var shape = new ImageShape(1, 1, 2);
        int flipped = Enumerable.Range(0, 1000).Count(seed => Changed(new RandomFlip(), [1, 2], shape, seed)[0] == 2);
        Assert.InRange(flipped, 400, 600);
    }

    [Fact]
    public void Crop_is_the_image_moved_by_up_to_the_border() =>
        Prop.ForAll(Sizes, Sizes, Gen.Choose(0, 12).Zip(Gen.Choose(0, 1_000_000)).ToArbitrary(), (height, width, drawn) =>
        {
            (int border, int seed) = drawn;
            var shape = new ImageShape(3, height, width);
            byte[] image = Noise(shape, seed);
            byte[] changed = Changed(new RandomCrop(border, fill: 77), image, shape, seed);
            return Enumerable.Range(-border, (2 * border) + 1)
                .SelectMany(down => Enumerable.Range(-border, (2 * border) + 1).Select(right => Moved(image, shape, down, right, 77)))
                .Any(changed.SequenceEqual);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Crop_reaches_every_place()
    {
        var shape = new ImageShape(1, 3, 3);
        byte[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        HashSet<string> found = [.. Enumerable.Range(0, 500).Select(seed => Convert.ToHexString(Changed(new RandomCrop(1), image, shape, seed)))];
        Assert.Equal(9, found.Count);
    }

    [Fact]
    public void Augmentation_is_decided_by_seed_epoch_and_index()
    {
        StoredImages images = TestSets.Noise(40);
        var augmentation = Augmentation.CropAndFlip(TestSets.Raw, border: 2);
        float[][] first = [.. Enumerable.Range(0, 40).Select(i => Applied(augmentation, images, i, seed: 5, epoch: 3))];
        float[][] again = [.. Enumerable.Range(0, 40).Reverse().Select(i => Applied(augmentation, images, i, seed: 5, epoch: 3)).Reverse()];
        Assert.Equal(first, again);
        Assert.NotEqual(first, [.. Enumerable.Range(0, 40).Select(i => Applied(augmentation, images, i, seed: 5, epoch: 4))]);
        Assert.NotEqual(first, [.. Enumerable.Range(0, 40).Select(i => Applied(augmentation, images, i, seed: 6, epoch: 3))]);
    }

    [Fact]
    public void Transforms_are_applied_in_order()
    {
        StoredImages images = TestSets.Noise(2);
        var augmentation = new Augmentation([new Plus(10), new Times(3)], TestSets.Raw);
        Assert.Equal(
            TestSets.Samples(images, 1).Select(s => (float)(byte)((byte)(s + 10) * 3)), Applied(augmentation, images, 1, 0, 0));
    }

    [Fact]
    public void Statistics_make_channels_centred_and_of_deviation_one() => Prop.ForAll(Sizes, Sizes, (count, side) =>
    {
        StoredImages images = TestSets.Noise(count + 1, classes: 1, new ImageShape(3, side + 1, side));
        PixelScaling scaling = ChannelStatistics.Of(images);
        float[][] scaled = [.. Enumerable.Range(0, images.Count).Select(i => Applied(Augmentation.None(scaling), images, i, 0, 0))];
        return Enumerable.Range(0, 3).All(channel =>
        {
            double[] plane = [.. scaled.SelectMany(s => s.Chunk(images.Shape.PlaneSize).ElementAt(channel)).Select(v => (double)v)];
            double mean = plane.Average();
            return Math.Abs(mean) < 1e-4 && Math.Abs(plane.Average(v => v * v) - 1) < 1e-3;
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Constant_channel_becomes_zero()
    {
        var images = new StoredImages(new ImageShape(1, 1, 2), ["a"], [200, 200], [0]);
        Assert.All(Applied(Augmentation.None(ChannelStatistics.Of(images)), images, 0, 0, 0), v => Assert.Equal(0, v, 1e-6));
    }

    private static byte[] Moved(byte[] image, ImageShape shape, int down, int right, byte fill)
    {
        byte[] moved = new byte[image.Length];
        for (int i = 0; i < moved.Length; i++)
        {
            int row = (i / shape.Width % shape.Height) + down;
            int column = (i % shape.Width) + right;
            bool isInside = row >= 0 && row < shape.Height && column >= 0 && column < shape.Width;
            moved[i] = isInside ? image[(i / shape.PlaneSize * shape.PlaneSize) + (row * shape.Width) + column] : fill;
        }
        return moved;
    }

    private static byte[] Changed(IImageTransform transform, byte[] image, ImageShape shape, int seed)
    {
        byte[] changed = new byte[image.Length];
        var random = new RandomSequence((ulong)seed);
        transform.Apply(image, changed, shape, ref random);
        return changed;
    }

    private static float[] Applied(Augmentation augmentation, StoredImages images, int index, ulong seed, int epoch)
    {
        float[] numbers = new float[images.Shape.SampleCount];
        augmentation.Apply(images, index, seed, epoch, numbers, new byte[Augmentation.ScratchBytes(images.Shape)]);
        return numbers;
    }

    private static byte[] Noise(ImageShape shape, int seed)
    {
        byte[] image = new byte[shape.SampleCount];
        new Random(seed).NextBytes(image);
        return image;
    }

    private sealed class Plus(byte summand) : IImageTransform
    {
        public void Apply(ReadOnlySpan<byte> image, Span<byte> changed, ImageShape shape, ref RandomSequence random)
        {
            for (int i = 0; i < image.Length; i++)
            {
                changed[i] = (byte)(image[i] + summand);
            }
        }
    }

    private sealed class Times(byte factor) : IImageTransform
    {
        public void Apply(ReadOnlySpan<byte> image, Span<byte> changed, ImageShape shape, ref RandomSequence random)
        {
            for (int i = 0; i < image.Length; i++)
            {
                changed[i] = (byte)(image[i] * factor);
            }
        }
    }
}
