using Microsoft.Data.Sqlite;
using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

public sealed class ProfileDamageTests : IDisposable
{
    private readonly StoreFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_no_database_is_moved_aside()
    {
        byte[] garbage = new byte[5000];
        new Random(1).NextBytes(garbage);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.Database)!);
        File.WriteAllBytes(_folder.Database, garbage);
        using ProfileStore store = _folder.Open();

        store.Add(StoreFolder.Sample(1));

        Assert.Single(store.Samples("cpu"));
        Assert.Equal(garbage, File.ReadAllBytes(_folder.Database + ".corrupt-1"));
        string warning = Assert.Single(_folder.Warnings);
        Assert.Contains("profile.db.corrupt-1", warning, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', warning);
    }

    [Fact]
    public void Damaged_pages_are_noticed_when_they_are_read()
    {
        Fill();
        DamagePages();
        using ProfileStore store = _folder.Open();

        Assert.Empty(store.Samples("cpu"));
        store.Add(StoreFolder.Sample(1));

        Assert.Single(store.Samples("cpu"));
        Assert.True(File.Exists(_folder.Database + ".corrupt-1"));
        Assert.Single(_folder.Warnings);
    }

    [Fact]
    public void Every_damaged_file_is_kept_under_its_own_number()
    {
        for (int i = 0; i < 2; i++)
        {
            Fill();
            DamagePages();
            using ProfileStore store = _folder.Open();
            Assert.Empty(store.Samples("cpu"));
        }

        Assert.True(File.Exists(_folder.Database + ".corrupt-1"));
        Assert.True(File.Exists(_folder.Database + ".corrupt-2"));
    }

    [Fact]
    public void Stores_that_find_the_damage_at_once_move_it_once_and_lose_nothing()
    {
        Fill();
        DamagePages();

        Parallel.For(0, 6, kernel =>
        {
            using var store = new ProfileStore(_folder.Database, StoreFolder.Device);
            store.Samples("cpu");
            store.Add(StoreFolder.Sample(kernel));
        });

        Assert.Equal([_folder.Database + ".corrupt-1"], Directory.GetFiles(Path.GetDirectoryName(_folder.Database)!, "*.corrupt-?"));
        using ProfileStore reopened = _folder.Open();
        Assert.Equal(6, reopened.Samples("cpu").Count);
    }

    [Fact]
    public void An_empty_file_becomes_a_profile()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.Database)!);
        File.WriteAllBytes(_folder.Database, []);
        using ProfileStore store = _folder.Open();

        store.Add(StoreFolder.Sample(1));

        Assert.Single(store.Samples("cpu"));
        Assert.Empty(_folder.Warnings);
    }

    [Fact]
    public void Another_programs_database_is_left_alone()
    {
        Execute("CREATE TABLE bookmarks (url TEXT)");
        using ProfileStore store = _folder.Open();

        Assert.Contains("another program", Assert.Throws<ProfileStoreException>(() => store.Samples("cpu")).Message, StringComparison.Ordinal);
        Execute("INSERT INTO bookmarks VALUES ('still there')");
    }

    [Fact]
    public void An_older_schema_is_migrated_and_keeps_its_samples()
    {
        Fill();
        var next = new ProfileSchema([.. ProfileSchema.Current.Scripts, "ALTER TABLE samples ADD COLUMN energy_mj REAL"]);

        Parallel.For(0, 4, _ =>
        {
            using var store = new ProfileStore(_folder.Database, StoreFolder.Device, next, null);
            Assert.Equal(500, store.Samples("cpu").Count);
        });

        Execute("UPDATE samples SET energy_mj = 1");
    }

    [Fact]
    public void A_migration_that_fails_changes_nothing()
    {
        Fill();
        var broken = new ProfileSchema([.. ProfileSchema.Current.Scripts, "CREATE TABLE extra (x); SELECT * FROM no_such_table"]);
        using (var store = new ProfileStore(_folder.Database, StoreFolder.Device, broken, null))
        {
            Assert.Throws<ProfileStoreException>(() => store.Samples("cpu"));
        }

        using ProfileStore reopened = _folder.Open();
        Assert.Equal(500, reopened.Samples("cpu").Count);
        Execute("CREATE TABLE extra (x)");
    }

    [Fact]
    public void A_newer_schema_is_refused_and_left_alone()
    {
        Fill();
        Execute("UPDATE schema_version SET version = 99");
        using ProfileStore store = _folder.Open();

        string message = Assert.Throws<ProfileStoreException>(() => store.Samples("cpu")).Message;

        Assert.Contains("newer tandem", message, StringComparison.Ordinal);
        Assert.Contains("99", message, StringComparison.Ordinal);
        Assert.Empty(_folder.Warnings);
    }

    private void Fill()
    {
        using ProfileStore store = _folder.Open();
        store.Add(Enumerable.Range(0, 500).Select(kernel => StoreFolder.Sample(kernel)));
    }

    /// <summary>Overwrites everything behind the first page, which holds the schema.</summary>
    private void DamagePages()
    {
        const int PageBytes = 4096;
        using FileStream file = File.OpenWrite(_folder.Database);
        byte[] noise = new byte[file.Length - PageBytes];
        new Random(2).NextBytes(noise);
        file.Position = PageBytes;
        file.Write(noise);
    }

    private void Execute(string sql)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.Database)!);
        using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
