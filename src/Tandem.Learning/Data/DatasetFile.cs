using System.Runtime.ExceptionServices;

namespace Tandem.Learning.Data;

/// <summary>Reads what data sets lie in, with errors that name it.</summary>
internal static class DatasetFile
{
    /// <summary>A whole file.</summary>
    /// <exception cref="DatasetException">It cannot be read.</exception>
    internal static byte[] ReadAllBytes(string path) => Reading(path, () => File.ReadAllBytes(path));

    /// <summary>Runs what reads a path.</summary>
    /// <exception cref="DatasetException">The path cannot be read.</exception>
    internal static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DatasetException($"cannot read '{path}': there is no such file or folder", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new DatasetException($"cannot read '{path}': {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Does something for each index on all cores. Of several failures that of the lowest index is thrown, as it is.</summary>
    internal static void ForEach(int count, Action<int> act)
    {
        ExceptionDispatchInfo? failure = null;
        long failed = long.MaxValue;
        var gate = new Lock();
        ParallelLoopResult result = Parallel.For(0, count, (i, loop) =>
        {
            try
            {
                act(i);
            }
            catch (TandemException error)
            {
                // Break lets all lower indices run, so the failure that is told does not depend on timing.
                loop.Break();
                lock (gate)
                {
                    if (i < failed)
                    {
                        (failed, failure) = (i, ExceptionDispatchInfo.Capture(error));
                    }
                }
            }
        });
        if (!result.IsCompleted)
        {
            failure?.Throw();
        }
    }
}
