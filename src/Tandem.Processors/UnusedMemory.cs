using System.Runtime;
using System.Runtime.InteropServices;

namespace Tandem.Processors;

/// <summary>
/// Memory that this process has freed but its allocators keep. Loading and compiling a network frees several times the size of its
/// weights, which nothing asks for again while it runs.
/// </summary>
public static partial class UnusedMemory
{
    private const int MapThresholdParameter = -3;
    private const int LeastMappedBytes = 1 << 20;

    /// <summary>
    /// Has native blocks of a megabyte and more mapped on their own, so that they go back to the system when they are freed. GNU's allocator
    /// otherwise raises that limit to the largest block ever freed (up to 32 MB): weights then lie between small blocks that
    /// live on, and what compiling has freed of them stays with the process. It is a setting of the whole process.
    /// </summary>
    public static void MapLargeBlocks()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = SetAllocatorParameter(MapThresholdParameter, LeastMappedBytes);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library other than GNU's: it decides for itself.
            }
        }
    }

    /// <summary>Returns it to the operating system. Takes some tens of milliseconds; not for the hot path.</summary>
    public static void ReturnToSystem()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ReturnNativeToSystem();
    }

    /// <summary>
    /// Returns what can be returned while others run: managed memory is collected beside them, and less of it than by
    /// <see cref="ReturnToSystem"/>.
    /// </summary>
    public static void ReturnInBackground()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        ReturnNativeToSystem();
    }

    /// <summary>Returns what native libraries have freed. Takes some milliseconds.</summary>
    public static void ReturnNativeToSystem()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = TrimAllocator(0);
            }
            catch (EntryPointNotFoundException)
            {
                // A C library other than GNU's: it decides for itself.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAllocatorParameter(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimAllocator(nuint keptBytes);
}
