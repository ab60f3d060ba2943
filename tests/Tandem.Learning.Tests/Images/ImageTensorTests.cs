using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Learning.Images;

namespace Tandem.Learning.Tests.Images;

public sealed class ImageTensorTests
{
    private static readonly Arbitrary<int> Sizes = Gen.Choose(1, 40).ToArbitrary();

    [Fact]
    public void Same_size_raw_tensor_holds_the_samples_plane_by_plane()
    {
        RgbImage image = TestImages.Noise(5, 4, seed: 1);

        float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, 4, 5), PixelScaling.Raw);

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(image.Pixels[i * 3], tensor[i]);
            Assert.Equal(image.Pixels[(i * 3) + 1], tensor[20 + i]);
            Assert.Equal(image.Pixels[(i * 3) + 2], tensor[40 + i]);
        }
    }

    [Theory]
    [InlineData(ChannelOrder.Rgb)]
    [InlineData(ChannelOrder.Bgr)]
    public void Raw_tensor_makes_the_image_again(ChannelOrder order)
    {
        RgbImage image = TestImages.Noise(7, 3, seed: 2);
        var shape = new Shape(1, 3, 3, 7);

        float[] tensor = ImageTensor.FromImage(image, shape, PixelScaling.Raw, order);

        Assert.Equal(image.Pixels, ImageTensor.ToImage(tensor, shape, order).Pixels);
    }

    [Fact]
    public void Bgr_swaps_the_outer_planes()
    {
        RgbImage image = TestImages.Constant(2, 2, 10, 20, 30);

        float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, 1, 1), PixelScaling.Raw, ChannelOrder.Bgr);

        Assert.Equal([30f, 20f, 10f], tensor);
    }

    [Fact]
    public void A_constant_image_stays_constant_at_every_size() =>
        Prop.ForAll(Sizes, Sizes, Sizes, (width, height, target) =>
        {
            RgbImage image = TestImages.Constant(width, height, 10, 20, 200);
            float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, target, 41 - target), PixelScaling.Raw);
            int plane = tensor.Length / 3;
            return tensor.Select((value, i) => Math.Abs(value - new[] { 10, 20, 200 }[i / plane]) < 1e-3).All(same => same);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Shrinking_keeps_the_mean() =>
        Prop.ForAll(Sizes, Sizes, (width, height) =>
        {
            RgbImage image = TestImages.Noise(width + 7, height + 3, seed: (width * 100) + height);
            float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, height, width), PixelScaling.Raw);
            return Math.Abs(image.Pixels.Average(value => (double)value) - tensor.Average()) < 1e-2;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Growing_by_whole_factors_keeps_the_mean() =>
        Prop.ForAll(Sizes, Gen.Choose(1, 4).ToArbitrary(), (size, factor) =>
        {
            RgbImage image = TestImages.Noise(size, 3, seed: size);
            float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, 3 * factor, size * factor), PixelScaling.Raw);
            return Math.Abs(image.Pixels.Average(value => (double)value) - tensor.Average()) < 1e-2;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Growing_interpolates_between_pixel_centres()
    {
        var image = new RgbImage(2, 1, [0, 0, 0, 100, 100, 100]);

        float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, 1, 4), PixelScaling.Raw);

        Assert.Equal([0f, 25f, 75f, 100f], tensor[..4]);
    }

    [Fact]
    public void Shrinking_averages_what_a_pixel_covers()
    {
        var image = new RgbImage(3, 1, [0, 0, 0, 60, 60, 60, 90, 90, 90]);

        float[] tensor = ImageTensor.FromImage(image, new Shape(1, 3, 1, 2), PixelScaling.Raw);

        Assert.Equal(20, tensor[0], 1e-4);
        Assert.Equal(80, tensor[1], 1e-4);
    }

    [Fact]
    public void Scalings_give_what_their_names_say()
    {
        RgbImage white = TestImages.Constant(1, 1, 255, 255, 255);
        var shape = new Shape(1, 3, 1, 1);

        Assert.Equal(1f, ImageTensor.FromImage(white, shape, PixelScaling.Unit)[0], 1e-6f);
        Assert.Equal(1f, ImageTensor.FromImage(white, shape, PixelScaling.Named("Signed"))[0], 1e-6f);
        float[] imageNet = ImageTensor.FromImage(white, shape, PixelScaling.ImageNet);
        Assert.Equal((1 - 0.485f) / 0.229f, imageNet[0], 1e-5f);
        Assert.Equal((1 - 0.406f) / 0.225f, imageNet[2], 1e-5f);
    }

    [Fact]
    public void One_channel_takes_the_luma()
    {
        RgbImage image = TestImages.Constant(3, 3, 255, 0, 0);

        float[] tensor = ImageTensor.FromImage(image, new Shape(1, 1, 1, 1), PixelScaling.Unit);

        Assert.Equal(0.299f, Assert.Single(tensor), 1e-5f);
    }

    [Fact]
    public void To_image_clamps_and_rounds()
    {
        float[] tensor = [-5, 300, float.NaN, 12.4f, 12.6f, float.PositiveInfinity];

        RgbImage image = ImageTensor.ToImage(tensor, new Shape(1, 3, 1, 2));

        Assert.Equal([0, 0, 13, 255, 12, 255], image.Pixels);
    }

    [Fact]
    public void Shapes_that_are_no_images_are_refused()
    {
        RgbImage image = TestImages.Noise(2, 2, seed: 3);

        foreach (Shape shape in new Shape[] { new(3, 4, 4), new(1, 2, 4, 4), new(2, 3, 4, 4), new(1, 3, 0, 4), new(1, 3, 1 << 20, 1 << 20) })
        {
            string message = Assert.Throws<ImageException>(() => ImageTensor.FromImage(image, shape, PixelScaling.Raw)).Message;
            Assert.Contains(shape.ToString(), message, StringComparison.Ordinal);
        }
        Assert.Throws<ImageException>(() => ImageTensor.ToImage([0], new Shape(1, 1, 1, 1)));
    }

    [Fact]
    public void Unknown_scaling_lists_the_known_ones() =>
        Assert.Contains("imagenet", Assert.Throws<ImageException>(() => PixelScaling.Named("caffe")).Message, StringComparison.Ordinal);
}
