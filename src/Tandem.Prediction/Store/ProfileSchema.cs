using Microsoft.Data.Sqlite;

namespace Tandem.Prediction.Store;

/// <summary>
/// The tables of a profile and how older ones become newer ones: version n of the schema is what the first n scripts
/// make. A script that was released never changes; a change of the schema is one more script at the end.
/// </summary>
/// <param name="scripts">The scripts, oldest first.</param>
internal sealed class ProfileSchema(IReadOnlyList<string> scripts)
{
    private const string First = """
        CREATE TABLE samples (
            fingerprint TEXT NOT NULL,
            processor TEXT NOT NULL,
            kernel TEXT NOT NULL,
            description TEXT NOT NULL,
            median_ms REAL NOT NULL,
            p10_ms REAL NOT NULL,
            p90_ms REAL NOT NULL,
            runs INTEGER NOT NULL,
            taken_unix_ms INTEGER NOT NULL,
            PRIMARY KEY (fingerprint, processor, kernel)
        ) WITHOUT ROWID;
        CREATE TABLE measurements (
            fingerprint TEXT NOT NULL,
            subject TEXT NOT NULL,
            name TEXT NOT NULL,
            value REAL NOT NULL,
            unit TEXT NOT NULL,
            taken_unix_ms INTEGER NOT NULL,
            PRIMARY KEY (fingerprint, subject, name)
        ) WITHOUT ROWID;
        """;

    /// <summary>The schema of this version of the program.</summary>
    internal static ProfileSchema Current { get; } = new([First]);

    /// <summary>The scripts, oldest first.</summary>
    internal IReadOnlyList<string> Scripts { get; } = scripts;

    /// <summary>Brings a database to the current version, all of it or nothing; a current one is only read.</summary>
    /// <exception cref="ProfileStoreException">It belongs to a newer version, or to another program.</exception>
    internal void Apply(SqliteConnection connection)
    {
        if (Version(connection) == Scripts.Count)
        {
            return;
        }
        using SqliteTransaction transaction = connection.BeginTransaction();
        // Asked again: another process may have migrated while this one waited for the lock.
        long version = Version(connection) ?? CreateVersionTable(connection);
        if (version > Scripts.Count)
        {
            throw new ProfileStoreException(
                $"the profile '{connection.DataSource}' was made by a newer tandem (schema {version}, this one knows " +
                $"{Scripts.Count}): update tandem, or set TANDEM_PROFILE to another file");
        }
        for (int i = (int)version; i < Scripts.Count; i++)
        {
            Execute(connection, Scripts[i]);
        }
        Execute(connection, FormattableString.Invariant($"UPDATE schema_version SET version = {Scripts.Count}"));
        transaction.Commit();
    }

    private static long? Version(SqliteConnection connection) =>
        Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'schema_version'") is 0L
            ? null
            : Scalar(connection, "SELECT version FROM schema_version") as long?;

    private static long CreateVersionTable(SqliteConnection connection)
    {
        if (Scalar(connection, "SELECT count(*) FROM sqlite_master") is not 0L)
        {
            throw new ProfileStoreException(
                $"'{connection.DataSource}' is another program's database, not a profile: set TANDEM_PROFILE to another file");
        }
        Execute(connection, "CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (0);");
        return 0;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
