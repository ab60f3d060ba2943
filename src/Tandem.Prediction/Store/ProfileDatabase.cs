using Microsoft.Data.Sqlite;

namespace Tandem.Prediction.Store;

/// <summary>
/// The SQLite file behind a <see cref="ProfileStore"/>: opened at its first use, one user at a time within this store,
/// shared with other stores and processes through SQLite's write-ahead log. A damaged file is moved aside.
/// </summary>
internal sealed class ProfileDatabase(string path, ProfileSchema schema, Action<string>? warn) : IDisposable
{
    private const int BusyTimeoutInSeconds = 15;
    private const int MoveTimeoutInSeconds = 10;

    private readonly Lock _gate = new();
    private SqliteConnection? _connection;
    private bool _isDisposed;

    /// <summary>Runs work on the open database; once more on a new database if this one turns out to be damaged.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened, read or written.</exception>
    internal T Run<T>(Func<SqliteConnection, T> work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                return work(_connection ??= Open());
            }
            catch (SqliteException error) when (IsDamage(error))
            {
                Close();
                return RunOnNew(work, error);
            }
            catch (SqliteException error)
            {
                throw Explained(error);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Close();
        }
    }

    private T RunOnNew<T>(Func<SqliteConnection, T> work, SqliteException damage)
    {
        try
        {
            MoveAside(damage);
            return work(_connection ??= Open());
        }
        catch (SqliteException error)
        {
            throw Explained(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ProfileStoreException(
                $"the profile '{path}' is damaged and cannot be moved aside ({error.Message}): delete it", error);
        }
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private SqliteConnection Open()
    {
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Explained(error);
        }
        SqliteConnection connection = Connect();
        try
        {
            using (SqliteCommand command = connection.CreateCommand())
            {
                command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;";
                command.ExecuteNonQuery();
            }
            schema.Apply(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            // How long a statement waits for another process that is writing.
            DefaultTimeout = BusyTimeoutInSeconds,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Gives the damaged file and its log another name; one process at a time, and only if it is still damaged.</summary>
    private void MoveAside(SqliteException damage)
    {
        using FileStream guard = OpenGuard();
        if (IsSound())
        {
            return;
        }
        string aside = FreeName();
        File.Move(path, aside);
        foreach (string suffix in new[] { "-wal", "-shm" })
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }
        warn?.Invoke(
            $"the profile '{path}' was damaged ({damage.Message}); it is now '{aside}', and a new one was begun: " +
            "run ./tandem profile to measure again");
    }

    private bool IsSound()
    {
        try
        {
            using SqliteConnection connection = Connect();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA quick_check(1)";
            return command.ExecuteScalar() is "ok";
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return false;
        }
    }

    private FileStream OpenGuard()
    {
        long deadline = Environment.TickCount64 + (MoveTimeoutInSeconds * 1000);
        while (true)
        {
            try
            {
                return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Environment.TickCount64 < deadline)
            {
                Thread.Sleep(20);
            }
        }
    }

    private string FreeName()
    {
        int number = 1;
        while (File.Exists($"{path}.corrupt-{number}"))
        {
            number++;
        }
        return $"{path}.corrupt-{number}";
    }

    /// <summary>SQLITE_CORRUPT and SQLITE_NOTADB.</summary>
    private static bool IsDamage(SqliteException error) => error.SqliteErrorCode is 11 or 26;

    private ProfileStoreException Explained(Exception error)
    {
        string remedy = (error as SqliteException)?.SqliteErrorCode switch
        {
            // SQLITE_BUSY, SQLITE_LOCKED: nobody writes for that long unless something is stuck.
            5 or 6 => "another process keeps it locked; end that process",
            // SQLITE_FULL
            13 => "the disk is full; free some space",
            _ => "make its folder writable, or set TANDEM_PROFILE to a file in one that is",
        };
        string cause = error.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return new ProfileStoreException($"cannot use the profile '{path}' ({cause}): {remedy}", error);
    }
}
