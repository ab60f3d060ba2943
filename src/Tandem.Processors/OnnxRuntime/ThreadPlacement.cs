using System.Globalization;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Which cores the threads of a session use.</summary>
/// <param name="CallerCores">Cores of the thread that calls Run; none to leave it as it is.</param>
/// <param name="HelperCores">
/// Cores of the other threads, as ONNX Runtime's setting session.intra_op_thread_affinities has it: cores counted from 1 and
/// joined by commas, threads joined by semicolons; null to leave them as they are.
/// </param>
internal sealed record ThreadPlacement(int[] CallerCores, string? HelperCores)
{
    /// <summary>Places threads on cores.</summary>
    /// <param name="threads">Threads of the session, the calling one among them.</param>
    /// <param name="cores">The cores asked for, from 0; none to leave the choice to the operating system.</param>
    /// <param name="allowed">
    /// The cores that the process may use, where they are known: without cores asked for, helper threads get all of these,
    /// for they would otherwise inherit those of the thread that happens to make the session.
    /// </param>
    public static ThreadPlacement Of(int threads, IReadOnlyList<int> cores, IReadOnlyList<int> allowed)
    {
        bool hasCorePerThread = threads > 1 && cores.Count == threads;
        string[] helpers = [.. (cores.Count > 0 ? cores : allowed).Select(Number)];
        string? helperCores = threads == 1 || helpers.Length == 0
            ? null
            : hasCorePerThread
                ? string.Join(';', helpers[1..])
                : string.Join(';', Enumerable.Repeat(string.Join(',', helpers), threads - 1));
        return new ThreadPlacement(hasCorePerThread ? [cores[0]] : [.. cores], helperCores);
    }

    private static string Number(int core) => (core + 1).ToString(CultureInfo.InvariantCulture);
}
