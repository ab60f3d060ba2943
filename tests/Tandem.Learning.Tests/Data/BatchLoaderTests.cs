using FsCheck;
using FsCheck.Fluent;
using Tandem.Learning.Data;

namespace Tandem.Learning.Tests.Data;

public sealed class BatchLoaderTests
{
    private static readonly Augmentation CropAndFlip = Augmentation.CropAndFlip(TestSets.Raw, border: 1);

    [Fact]
    public void Epochs_have_each_image_once_and_the_rest_is_dropped() => Check(LastBatch.Drop);

    [Fact]
    public void Epochs_have_each_image_once_and_the_last_batch_is_filled_up() => Check(LastBatch.Pad);

    [Fact]
    public void Batches_hold_the_augmented_images_and_their_labels()
    {
        StoredImages images = TestSets.Noise(23, 5);
        var options = new BatchLoaderOptions { BatchSize = 8, Seed = 3, Epochs = 3, LastBatch = LastBatch.Pad };
        using var loader = new BatchLoader(images, CropAndFlip, options);
        float[] expected = new float[images.Shape.SampleCount];
        byte[] scratch = new byte[Augmentation.ScratchBytes(images.Shape)];
        int batches = 0;
        for (; loader.Next() is { } batch; batches++)
        {
            for (int i = 0; i < batch.Size; i++)
            {
                CropAndFlip.Apply(images, batch.Indices[i], options.Seed, batch.Position.Epoch, expected, scratch);
                Assert.Equal(expected, batch.Images.AsSpan<float>().Slice(i * expected.Length, expected.Length).ToArray());
                Assert.Equal(images.LabelOf(batch.Indices[i]), batch.Labels.AsSpan<long>()[i]);
            }
        }
        Assert.Equal(9, batches);
        Assert.Null(loader.Next());
    }

    [Fact]
    public void Training_that_begins_again_gets_the_same_batches() =>
        Prop.ForAll(Gen.Choose(4, 40).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), Gen.Choose(0, 20).ToArbitrary(), (count, size, skipped) =>
        {
            StoredImages images = TestSets.Noise(count);
            var options = new BatchLoaderOptions { BatchSize = size, Seed = (ulong)count };
            using var whole = new BatchLoader(images, CropAndFlip, options);
            for (int i = 0; i < skipped; i++)
            {
                whole.Next();
            }
            using var resumed = new BatchLoader(images, CropAndFlip, options with { PrefetchedBatches = 1 }, whole.Position);
            return Enumerable.Range(0, 12).All(_ => Contents(whole.Next()!) == Contents(resumed.Next()!));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Evaluation_reads_the_set_in_order_once()
    {
        StoredImages images = TestSets.Noise(10);
        using var loader = new BatchLoader(images, Augmentation.None(TestSets.Raw), BatchLoaderOptions.ForEvaluation(4));
        var seen = new List<int>();
        while (loader.Next() is { } batch)
        {
            seen.AddRange(batch.Indices[..batch.Count]);
            Assert.Equal(4, batch.Size);
        }
        Assert.Equal(Enumerable.Range(0, 10), seen);
    }

    [Fact]
    public void No_more_than_the_prefetched_batches_are_made_ahead()
    {
        var images = new WatchedImages(TestSets.Noise(64));
        using var loader = new BatchLoader(images, CropAndFlip, new() { BatchSize = 4, PrefetchedBatches = 2 });
        for (int taken = 1; taken <= 30; taken++)
        {
            loader.Next();
            // The batch in use, two ahead: what the thread has begun cannot exceed them.
            Assert.InRange(images.Reads, taken * 4, (taken + 2) * 4);
        }
    }

    [Fact]
    public void Batches_ahead_are_made_while_none_is_asked_for()
    {
        var images = new WatchedImages(TestSets.Noise(64)) { Awaited = 12 };
        using var loader = new BatchLoader(images, CropAndFlip, new() { BatchSize = 4, PrefetchedBatches = 2 });
        Assert.True(images.ReachedAwaited.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_batch()
    {
        var images = new WatchedImages(TestSets.Noise(64)) { From = 200, To = 1800 };
        using var loader = new BatchLoader(images, CropAndFlip, new() { BatchSize = 8 });
        for (int i = 0; i < 25; i++)
        {
            loader.Next();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 250; i++)
        {
            loader.Next();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, images.AllocatedBytes);
    }

    [Fact]
    public void Memory_of_batches_is_used_again_and_bound_without_a_copy()
    {
        using var loader = new BatchLoader(TestSets.Noise(16), CropAndFlip, new() { BatchSize = 4, PrefetchedBatches = 2 });
        HashSet<Batch> batches = [];
        for (int i = 0; i < 12; i++)
        {
            Batch batch = loader.Next()!;
            batches.Add(batch);
            Assert.Equal(batch.Images.AsSpan<float>().ToArray(), batch.ImageValue.GetTensorDataAsSpan<float>().ToArray());
            Assert.Equal(batch.Labels.AsSpan<long>().ToArray(), batch.LabelValue.GetTensorDataAsSpan<long>().ToArray());
            Assert.Equal([4, 3, 4, 5], batch.ImageValue.GetTensorTypeAndShape().Shape);
        }
        Assert.Equal(3, batches.Count);
    }

    [Fact]
    public void Failure_of_the_thread_is_thrown_once_after_the_batches_before_it()
    {
        var images = new WatchedImages(TestSets.Noise(64)) { FailsAt = 10 };
        using var loader = new BatchLoader(images, CropAndFlip, new() { BatchSize = 4 });
        Assert.NotNull(loader.Next());
        Assert.NotNull(loader.Next());
        Assert.Equal("read 10", Assert.Throws<DatasetException>(loader.Next).Message);
        Assert.Contains("failed before", Assert.Throws<InvalidOperationException>(loader.Next).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_ends_waiting()
    {
        using var source = new CancellationTokenSource();
        var images = new WatchedImages(TestSets.Noise(64)) { BlocksAt = 10, Awaited = 10 };
        using var loader = new BatchLoader(images, CropAndFlip, new() { BatchSize = 4 }, cancellation: source.Token);
        loader.Next();
        loader.Next();
        Assert.True(images.ReachedAwaited.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Task<Batch?> waiting = Task.Run(loader.Next, TestContext.Current.CancellationToken);
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => waiting.GetAwaiter().GetResult());
        Assert.ThrowsAny<OperationCanceledException>(loader.Next);
        images.Unblock.Set();
    }

    [Fact]
    public void Disposed_loader_has_freed_its_memory()
    {
        var loader = new BatchLoader(TestSets.Noise(8), CropAndFlip, new() { BatchSize = 4 });
        Batch batch = loader.Next()!;
        loader.Dispose();
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(loader.Next);
        Assert.Throws<ObjectDisposedException>(() => { batch.Images.AsSpan<float>(); });
        Assert.Throws<ObjectDisposedException>(() => batch.ImageValue);
    }

    [Fact]
    public void Options_that_do_not_suit_are_refused()
    {
        Refuses(new() { BatchSize = 0 }, default, "at least 1");
        Refuses(new() { BatchSize = 11 }, default, "10 images", "batch of 11");
        Refuses(new() { BatchSize = 3, PrefetchedBatches = 0 }, default, "prefetched");
        Refuses(new() { BatchSize = 3 }, new(2, 3), "batch 3 of epoch 2", "3 batches of 3");
        Refuses(new() { BatchSize = 3 }, new(-1, 0), "epoch -1");
    }

    private static void Refuses(BatchLoaderOptions options, BatchPosition start, params string[] parts) =>
        TestSets.Fails(() => new BatchLoader(TestSets.Noise(10), CropAndFlip, options, start).Dispose(), parts);

    private static void Check(LastBatch last) =>
        Prop.ForAll(Gen.Choose(4, 50).ToArbitrary(), Gen.Choose(1, 4).ToArbitrary(), (count, size) =>
        {
            var options = new BatchLoaderOptions { BatchSize = size, LastBatch = last, Epochs = 3, Seed = (ulong)size };
            using var loader = new BatchLoader(TestSets.Noise(count), CropAndFlip, options);
            int[] order = new int[count];
            var position = new BatchPosition(0, 0);
            while (loader.Next() is { } batch)
            {
                EpochOrder.Fill(order, options.Seed, batch.Position.Epoch);
                int first = batch.Position.Batch * size;
                Assert.Equal(position, batch.Position);
                Assert.Equal(Math.Min(size, count - first), batch.Count);
                Assert.Equal(order.Concat(order).Skip(first).Take(size), batch.Indices.ToArray());
                position = position.Next(loader.BatchesPerEpoch);
            }
            return position == new BatchPosition(3, 0) && loader.BatchesPerEpoch == (last == LastBatch.Pad ? (count + size - 1) / size : count / size);
        }).QuickCheckThrowOnFailure();

    private static string Contents(Batch batch) => string.Join(
        ";", batch.Position, string.Join(",", batch.Indices.ToArray()), Convert.ToHexString(batch.Images.AsSpan<byte>()),
        Convert.ToHexString(batch.Labels.AsSpan<byte>()));
}
