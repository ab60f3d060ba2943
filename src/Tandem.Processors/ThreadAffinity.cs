using System.Runtime.InteropServices;

namespace Tandem.Processors;

/// <summary>
/// Pins threads to CPU cores, on Linux (sched_setaffinity) and Windows (SetThreadAffinityMask, the first 64 cores).
/// Other systems do not let threads be pinned.
/// </summary>
public static unsafe partial class ThreadAffinity
{
    /// <summary>Lets the calling thread run on the given cores only. Threads that it makes later inherit that on Linux.</summary>
    /// <param name="cores">Numbers of the cores, from 0; none leaves the thread as it is.</param>
    /// <returns>
    /// Whether the thread is pinned: false where no core is given, the system cannot do it, or no such core may be used.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A core's number is negative or above 1023.</exception>
    public static bool Pin(params ReadOnlySpan<int> cores)
    {
        if (cores.IsEmpty)
        {
            return false;
        }
        Span<ulong> mask = stackalloc ulong[AffinityMask.WordCount];
        AffinityMask.Write(cores, mask);
        if (OperatingSystem.IsLinux())
        {
            fixed (ulong* words = mask)
            {
                return SetAffinityOnLinux(0, (nuint)(mask.Length * sizeof(ulong)), words) == 0;
            }
        }
        return OperatingSystem.IsWindows()
            && !mask[1..].ContainsAnyExcept(0UL)
            && SetAffinityOnWindows(CurrentThreadOnWindows(), (nuint)mask[0]) != 0;
    }

    /// <summary>The cores on which the calling thread may run, lowest first; empty where the system does not tell.</summary>
    public static IReadOnlyList<int> Current()
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }
        Span<ulong> mask = stackalloc ulong[AffinityMask.WordCount];
        mask.Clear();
        fixed (ulong* words = mask)
        {
            return GetAffinityOnLinux(0, (nuint)(mask.Length * sizeof(ulong)), words) == 0 ? AffinityMask.Read(mask) : [];
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinityOnLinux(int thread, nuint maskBytes, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinityOnLinux(int thread, nuint maskBytes, ulong* mask);

    [LibraryImport("kernel32", EntryPoint = "SetThreadAffinityMask")]
    private static partial nuint SetAffinityOnWindows(nint thread, nuint mask);

    [LibraryImport("kernel32", EntryPoint = "GetCurrentThread")]
    private static partial nint CurrentThreadOnWindows();
}
