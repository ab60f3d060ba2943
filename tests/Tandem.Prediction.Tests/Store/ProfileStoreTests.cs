using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

public sealed class ProfileStoreTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Making_a_store_touches_no_file()
    {
        using ProfileStore store = _folder.Open();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Folder));
    }

    [Fact]
    public void Samples_come_back_as_they_went_in()
    {
        Sample[] samples = [StoreFolder.Sample(1), StoreFolder.Sample(2, median: 0.1 + 0.2), StoreFolder.Sample(1, "gpu")];
        using (ProfileStore store = _folder.Open())
        {
            store.Add(samples);
        }

        using ProfileStore reopened = _folder.Open();

        Assert.Equal(samples[..2], reopened.Samples("cpu"));
        Assert.Equal(samples[2], reopened.FindSample("gpu", samples[2].KernelSignature));
        Assert.Equal(["cpu", "gpu"], reopened.ProcessorKeys());
    }

    [Fact]
    public void What_is_not_known_is_null_or_empty()
    {
        using ProfileStore store = _folder.Open();
        store.Add(StoreFolder.Sample(1));

        Assert.Null(store.FindSample("cpu", "ffffffffffffffff"));
        Assert.Null(store.FindMeasurement("cpu", "launch overhead"));
        Assert.Empty(store.Samples("gpu"));
        Assert.Empty(store.Measurements("cpu"));
    }

    [Fact]
    public void A_newer_sample_replaces_the_older()
    {
        using ProfileStore store = _folder.Open();
        store.Add(StoreFolder.Sample(1, median: 5));
        store.Add(StoreFolder.Sample(1, median: 7));

        Assert.Equal(7, Assert.Single(store.Samples("cpu")).MedianMilliseconds);
    }

    [Fact]
    public void Measurements_come_back_and_are_replaced()
    {
        var launch = new Measurement("gpu", "launch overhead", 12.5, "us", StoreFolder.Noon);
        var bandwidth = new Measurement("cpu", "memory bandwidth", 17.25, "GB/s", StoreFolder.Noon);
        using ProfileStore store = _folder.Open();
        store.Add(launch, bandwidth);
        store.Add(launch with { Value = 11 });

        Assert.Equal(launch with { Value = 11 }, store.FindMeasurement("gpu", "launch overhead"));
        Assert.Equal([bandwidth], store.Measurements("cpu"));
    }

    [Fact]
    public void Devices_do_not_see_each_other()
    {
        using ProfileStore here = _folder.Open();
        using ProfileStore there = _folder.Open(StoreFolder.Device with { CoreCount = 8 });
        here.Add(StoreFolder.Sample(1, median: 1));
        there.Add(StoreFolder.Sample(1, median: 2));

        Assert.Equal(1, Assert.Single(here.Samples("cpu")).MedianMilliseconds);
        Assert.Equal(2, Assert.Single(there.Samples("cpu")).MedianMilliseconds);
    }

    [Fact]
    public void A_batch_goes_in_whole_or_not_at_all()
    {
        using ProfileStore store = _folder.Open();
        store.Add(StoreFolder.Sample(1));

        Sample broken = StoreFolder.Sample(3) with { KernelDescription = null! };
        Assert.ThrowsAny<Exception>(() => store.Add(StoreFolder.Sample(2), broken));

        Assert.Single(store.Samples("cpu"));
    }

    [Fact]
    public void Threads_and_connections_write_at_the_same_time()
    {
        const int Writers = 4;
        const int Batches = 10;
        using ProfileStore first = _folder.Open();
        using ProfileStore second = _folder.Open();

        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, writer =>
        {
            ProfileStore store = writer % 2 == 0 ? first : second;
            for (int batch = 0; batch < Batches; batch++)
            {
                int start = ((writer * Batches) + batch) * 5;
                store.Add(Enumerable.Range(start, 5).Select(kernel => StoreFolder.Sample(kernel)));
                Assert.NotNull(store.FindSample("cpu", StoreFolder.Sample(start).KernelSignature));
            }
        });

        Assert.Equal(Writers * Batches * 5, first.Samples("cpu").Count);
        Assert.Equal(first.Samples("cpu"), second.Samples("cpu"));
    }

    [Fact]
    public void Many_connections_may_create_the_database_at_once()
    {
        Parallel.For(0, 8, kernel =>
        {
            using ProfileStore store = _folder.Open();
            store.Add(StoreFolder.Sample(kernel));
        });

        using ProfileStore store = _folder.Open();
        Assert.Equal(8, store.Samples("cpu").Count);
        Assert.Empty(_folder.Warnings);
    }

    [Fact]
    public void A_place_that_cannot_be_written_gives_one_clear_line()
    {
        string file = Path.Combine(_folder.Folder, "file");
        File.WriteAllText(file, "");
        using var store = new ProfileStore(Path.Combine(file, "profile.db"), StoreFolder.Device);

        string message = Assert.Throws<ProfileStoreException>(() => store.Samples("cpu")).Message;

        Assert.Contains(store.FilePath, message, StringComparison.Ordinal);
        Assert.Contains("TANDEM_PROFILE", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_read_only_folder_gives_one_clear_line()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("file modes do not bind anybody on Windows");
            return;
        }
        Assert.SkipWhen(Environment.UserName == "root", "file modes do not bind the root user");
        string folder = Directory.CreateDirectory(Path.GetDirectoryName(_folder.Database)!).FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            using ProfileStore store = _folder.Open();
            Assert.Contains("writable", Assert.Throws<ProfileStoreException>(() => store.Add(StoreFolder.Sample(1))).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_disposed_store_refuses()
    {
        ProfileStore store = _folder.Open();
        store.Dispose();

        Assert.Throws<ObjectDisposedException>(() => store.Samples("cpu"));
    }
}
