using Microsoft.Data.Sqlite;

namespace Tandem.Prediction.Store;

/// <summary>
/// All that is known about one device: the latency of kernels on its processors and the costs of its links, kept in an
/// embedded SQLite database. Nothing is opened before it is used. Safe for many threads and many processes at once; a
/// damaged database is moved aside (NAME.corrupt-N) and a new one begun.
/// </summary>
public sealed class ProfileStore : IDisposable
{
    private const string SelectSamples = """
        SELECT processor, kernel, description, median_ms, p10_ms, p90_ms, runs, taken_unix_ms
        FROM samples WHERE fingerprint = $fingerprint AND processor = $processor
        """;

    private const string SelectMeasurements = """
        SELECT subject, name, value, unit, taken_unix_ms
        FROM measurements WHERE fingerprint = $fingerprint AND subject = $subject
        """;

    private readonly ProfileDatabase _database;

    /// <summary>Names a store; nothing is opened or created yet.</summary>
    /// <param name="path">The database file; see <see cref="ProfilePath.Default"/>.</param>
    /// <param name="fingerprint">The device whose measurements are read and written.</param>
    /// <param name="warn">Gets one line when a damaged database was moved aside.</param>
    public ProfileStore(string path, DeviceFingerprint fingerprint, Action<string>? warn = null)
        : this(path, fingerprint, ProfileSchema.Current, warn) { }

    /// <summary>A store whose schema is given, so that migrations can be tested.</summary>
    internal ProfileStore(string path, DeviceFingerprint fingerprint, ProfileSchema schema, Action<string>? warn)
    {
        FilePath = Path.GetFullPath(path);
        Fingerprint = fingerprint;
        _database = new ProfileDatabase(FilePath, schema, warn);
    }

    /// <summary>The database file.</summary>
    public string FilePath { get; }

    /// <summary>The device whose measurements are read and written.</summary>
    public DeviceFingerprint Fingerprint { get; }

    /// <summary>Keeps samples, all or none; each replaces an older one of the same processor and kernel.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or written.</exception>
    public void Add(params IEnumerable<Sample> samples)
    {
        const string Sql = """
            INSERT INTO samples (fingerprint, processor, kernel, description, median_ms, p10_ms, p90_ms, runs, taken_unix_ms)
            VALUES ($fingerprint, $processor, $kernel, $description, $median, $p10, $p90, $runs, $taken)
            ON CONFLICT (fingerprint, processor, kernel) DO UPDATE SET
                description = excluded.description, median_ms = excluded.median_ms, p10_ms = excluded.p10_ms,
                p90_ms = excluded.p90_ms, runs = excluded.runs, taken_unix_ms = excluded.taken_unix_ms
            """;
        InsertAll(Sql, [.. samples], static (parameters, sample) =>
        {
            parameters.AddWithValue("$processor", sample.ProcessorKey);
            parameters.AddWithValue("$kernel", sample.KernelSignature);
            parameters.AddWithValue("$description", sample.KernelDescription);
            parameters.AddWithValue("$median", sample.MedianMilliseconds);
            parameters.AddWithValue("$p10", sample.P10Milliseconds);
            parameters.AddWithValue("$p90", sample.P90Milliseconds);
            parameters.AddWithValue("$runs", sample.RunCount);
            parameters.AddWithValue("$taken", sample.TakenAt.ToUnixTimeMilliseconds());
        });
    }

    /// <summary>Keeps measurements, all or none; each replaces an older one of the same subject and name.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or written.</exception>
    public void Add(params IEnumerable<Measurement> measurements)
    {
        const string Sql = """
            INSERT INTO measurements (fingerprint, subject, name, value, unit, taken_unix_ms)
            VALUES ($fingerprint, $subject, $name, $value, $unit, $taken)
            ON CONFLICT (fingerprint, subject, name) DO UPDATE SET
                value = excluded.value, unit = excluded.unit, taken_unix_ms = excluded.taken_unix_ms
            """;
        InsertAll(Sql, [.. measurements], static (parameters, measurement) =>
        {
            parameters.AddWithValue("$subject", measurement.Subject);
            parameters.AddWithValue("$name", measurement.Name);
            parameters.AddWithValue("$value", measurement.Value);
            parameters.AddWithValue("$unit", measurement.Unit);
            parameters.AddWithValue("$taken", measurement.TakenAt.ToUnixTimeMilliseconds());
        });
    }

    /// <summary>Every sample of a processor on this device, ordered by kernel signature.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or read.</exception>
    public IReadOnlyList<Sample> Samples(string processorKey) =>
        Query($"{SelectSamples} ORDER BY kernel", ReadSample, ("$processor", processorKey));

    /// <summary>The sample of one kernel on one processor of this device; null where there is none.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or read.</exception>
    public Sample? FindSample(string processorKey, string kernelSignature) =>
        Query(
            $"{SelectSamples} AND kernel = $kernel",
            ReadSample,
            ("$processor", processorKey),
            ("$kernel", kernelSignature)).SingleOrDefault();

    /// <summary>The keys of the processors of this device that have samples, in alphabetical order.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or read.</exception>
    public IReadOnlyList<string> ProcessorKeys() =>
        Query(
            "SELECT DISTINCT processor FROM samples WHERE fingerprint = $fingerprint ORDER BY processor",
            row => row.GetString(0));

    /// <summary>Every measurement of a processor or link of this device, ordered by name.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or read.</exception>
    public IReadOnlyList<Measurement> Measurements(string subject) =>
        Query($"{SelectMeasurements} ORDER BY name", ReadMeasurement, ("$subject", subject));

    /// <summary>One measurement of a processor or link of this device; null where there is none.</summary>
    /// <exception cref="ProfileStoreException">The database cannot be opened or read.</exception>
    public Measurement? FindMeasurement(string subject, string name) =>
        Query($"{SelectMeasurements} AND name = $name", ReadMeasurement, ("$subject", subject), ("$name", name))
            .SingleOrDefault();

    /// <inheritdoc/>
    public void Dispose() => _database.Dispose();

    private void InsertAll<T>(string sql, T[] rows, Action<SqliteParameterCollection, T> bind)
    {
        if (rows.Length == 0)
        {
            return;
        }
        _database.Run(connection =>
        {
            using SqliteTransaction transaction = connection.BeginTransaction();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (T row in rows)
            {
                command.Parameters.Clear();
                command.Parameters.AddWithValue("$fingerprint", Fingerprint.Id);
                bind(command.Parameters, row);
                command.ExecuteNonQuery();
            }
            transaction.Commit();
            return rows.Length;
        });
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params (string Name, string Value)[] parameters) =>
        _database.Run(connection =>
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.Parameters.AddWithValue("$fingerprint", Fingerprint.Id);
            foreach ((string name, string value) in parameters)
            {
                command.Parameters.AddWithValue(name, value);
            }
            var rows = new List<T>();
            using SqliteDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }
            return rows;
        });

    private static Sample ReadSample(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetDouble(3), row.GetDouble(4), row.GetDouble(5),
        row.GetInt32(6), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)));

    private static Measurement ReadMeasurement(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetDouble(2), row.GetString(3),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)));
}
