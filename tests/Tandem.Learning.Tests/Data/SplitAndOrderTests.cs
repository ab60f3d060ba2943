using FsCheck;
using FsCheck.Fluent;
using Tandem.Learning.Data;

namespace Tandem.Learning.Tests.Data;

public sealed class SplitAndOrderTests
{
    private static readonly Arbitrary<int> Counts = Gen.Choose(1, 300).ToArbitrary();
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, 1_000_000).ToArbitrary();

    [Fact]
    public void Every_epoch_has_every_image_once() => Prop.ForAll(Counts, Seeds, Gen.Choose(0, 100).ToArbitrary(), (count, seed, epoch) =>
        Order(count, (ulong)seed, epoch).Order().SequenceEqual(Enumerable.Range(0, count))).QuickCheckThrowOnFailure();

    [Fact]
    public void Orders_differ_between_epochs_and_seeds()
    {
        int[][] orders = [Order(100, 1, 0), Order(100, 1, 1), Order(100, 2, 0), Order(100, 2, 1)];
        Assert.Equal(4, orders.Select(o => string.Join(",", o)).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, 100), Order(100, null, 3));
    }

    [Fact]
    public void Every_place_is_equally_likely()
    {
        // Where image 0 lies in 6,000 orders of 6: each place 1,000 times, give or take four deviations (29 each).
        int[] places = new int[6];
        for (int epoch = 0; epoch < 6000; epoch++)
        {
            places[Array.IndexOf(Order(6, 9, epoch), 0)]++;
        }
        Assert.All(places, place => Assert.InRange(place, 880, 1120));
    }

    [Fact]
    public void Bounded_numbers_are_in_range_and_reach_both_ends() => Prop.ForAll(Gen.Choose(1, 40).ToArbitrary(), Seeds, (bound, seed) =>
    {
        var random = new RandomSequence((ulong)seed);
        int[] drawn = new int[1000];
        for (int i = 0; i < drawn.Length; i++)
        {
            drawn[i] = random.Next(bound);
        }
        return drawn.Min() == 0 && drawn.Max() == bound - 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_of_a_seed_never_change()
    {
        var random = new RandomSequence(1, 2, 3);
        Assert.Equal([124, 519, 506], [random.Next(1000), random.Next(1000), random.Next(1000)]);
        Assert.InRange(random.NextSingle(), 0, 0.99999994f);
    }

    [Fact]
    public void Split_is_stratified_and_covers_each_image_once() =>
        Prop.ForAll(Gen.Choose(1, 6).Zip(Gen.Choose(2, 60)).ToArbitrary(), Gen.Choose(1, 99).ToArbitrary(), Seeds, (drawn, percent, seed) =>
        {
            (int classes, int ofClass) = drawn;
            StoredImages images = TestSets.Noise(classes * ofClass, classes);
            (ImageSubset training, ImageSubset validation) = StratifiedSplit.Of(images, percent / 100.0, (ulong)seed);
            int expected = Math.Clamp((int)Math.Round(ofClass * percent / 100.0), 1, ofClass - 1);
            return training.Indices.Concat(validation.Indices).Order().SequenceEqual(Enumerable.Range(0, images.Count))
                && ClassCounts.Of(validation).All(count => count == expected)
                && ClassCounts.Of(training).All(count => count == ofClass - expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Split_depends_on_its_seed_and_keeps_samples_and_labels()
    {
        StoredImages images = TestSets.Noise(60, 3);
        ImageSubset validation = StratifiedSplit.Of(images, 0.25, 4).Validation;
        Assert.Equal(validation.Indices, StratifiedSplit.Of(images, 0.25, 4).Validation.Indices);
        Assert.NotEqual(validation.Indices, StratifiedSplit.Of(images, 0.25, 5).Validation.Indices);
        for (int i = 0; i < validation.Count; i++)
        {
            Assert.Equal(images.LabelOf(validation.Indices[i]), validation.LabelOf(i));
            Assert.Equal(TestSets.Samples(images, validation.Indices[i]), TestSets.Samples(validation, i));
        }
    }

    [Fact]
    public void Shares_and_classes_that_cannot_be_divided_are_refused()
    {
        StoredImages images = TestSets.Noise(10);
        TestSets.Fails(() => StratifiedSplit.Of(images, 0, 1), "share", "0");
        TestSets.Fails(() => StratifiedSplit.Of(images, 1, 1), "share", "1");
        TestSets.Fails(() => StratifiedSplit.Of(images, double.NaN, 1), "share");
        TestSets.Fails(() => StratifiedSplit.Of(TestSets.Noise(3), 0.5, 1), "class 'class 1'", "1 image");
    }

    [Fact]
    public void Sets_in_memory_are_checked()
    {
        var shape = new ImageShape(1, 1, 1);
        TestSets.Fails(() => new StoredImages(shape, ["a"], [1, 2], [0, 1]), "image 1", "label 1", "0 to 0");
        TestSets.Fails(() => new StoredImages(shape, ["a"], [1, 2], [0, -1]), "label -1");
        TestSets.Fails(() => new StoredImages(shape, ["a", "b"], [1], [0]), "class 'b'");
        TestSets.Fails(() => new StoredImages(shape, [], [], []), "no images");
        Assert.Throws<ArgumentException>(() => new StoredImages(shape, ["a"], [1, 2], [0]));
    }

    private static int[] Order(int count, ulong? seed, int epoch)
    {
        int[] order = new int[count];
        EpochOrder.Fill(order, seed, epoch);
        return order;
    }
}
