using System.Security.Cryptography;
using Tandem.Learning.Data;

namespace Tandem.Learning.Tests.Data;

public sealed class ProceduralImagesTests
{
    [Fact]
    public void Set_is_balanced()
    {
        Assert.Equal(Enumerable.Repeat(100, 10), ClassCounts.Of(new ProceduralImages(1000, 1)));
        int[] counts = ClassCounts.Of(new ProceduralImages(1007, 1));
        Assert.Equal((101, 100), (counts.Max(), counts.Min()));
    }

    [Fact]
    public void Images_depend_on_seed_and_index_only()
    {
        var images = new ProceduralImages(60, 7);
        var longer = new ProceduralImages(1000, 7);
        var other = new ProceduralImages(60, 8);
        byte[][] backwards = new byte[60][];
        Parallel.For(0, 60, i => backwards[59 - i] = TestSets.Samples(longer, 59 - i));
        for (int i = 0; i < 60; i++)
        {
            byte[] samples = TestSets.Samples(images, i);
            Assert.Equal(samples, backwards[i]);
            Assert.NotEqual(samples, TestSets.Samples(other, i));
            Assert.All(backwards[..i], earlier => Assert.NotEqual(earlier, samples));
        }
    }

    [Fact]
    public void Images_are_the_same_on_every_machine()
    {
        var images = new ProceduralImages(200, 42);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < images.Count; i++)
        {
            digest.AppendData(TestSets.Samples(images, i));
        }
        Assert.Equal("8014ea50d21b802e", Convert.ToHexStringLower(digest.GetHashAndReset())[..16]);
    }

    [Fact]
    public void Mean_colour_does_not_tell_the_class()
    {
        double[][] train = MeanColours(new ProceduralImages(2000, 1));
        double[][] test = MeanColours(new ProceduralImages(1000, 2));
        Assert.InRange(NearestMeanAccuracy(train, test), 0, 0.25);
    }

    [Fact]
    public void Mean_image_does_not_tell_the_class()
    {
        double[][] train = Pixels(new ProceduralImages(2000, 1));
        double[][] test = Pixels(new ProceduralImages(500, 2));
        Assert.InRange(NearestMeanAccuracy(train, test), 0, 0.4);
    }

    [Fact]
    public void Too_few_images_and_indices_outside_are_refused()
    {
        TestSets.Fails(() => new ProceduralImages(9, 1), "9 images", "10 classes");
        var images = new ProceduralImages(10, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.LabelOf(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestSets.Samples(images, -1));
    }

    /// <summary>Accuracy of giving each image of one set the class of the nearest mean of another; class = index modulo 10.</summary>
    private static double NearestMeanAccuracy(double[][] train, double[][] test)
    {
        double[][] means = [.. Enumerable.Range(0, 10).Select(label => Mean([.. train.Where((_, i) => i % 10 == label)]))];
        int right = test.Where((features, i) => i % 10 == Array.IndexOf(means, means.MinBy(mean => Distance(mean, features)))).Count();
        return (double)right / test.Length;
    }

    private static double[] Mean(double[][] rows) => [.. Enumerable.Range(0, rows[0].Length).Select(i => rows.Average(row => row[i]))];

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    private static double[][] MeanColours(ProceduralImages images) =>
        [.. Pixels(images).Select(p => p.Chunk(1024).Select(plane => plane.Average()).ToArray())];

    private static double[][] Pixels(ProceduralImages images) =>
        [.. Enumerable.Range(0, images.Count).Select(i => Array.ConvertAll(TestSets.Samples(images, i), s => (double)s))];
}
