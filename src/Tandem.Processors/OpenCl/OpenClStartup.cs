using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Tandem.Processors.OpenCl;

/// <summary>
/// The first use of OpenCL in a process. PoCL starts its workers when its devices are first listed: as many as the native
/// environment variable POCL_MAX_PTHREAD_COUNT says, with the affinity of the thread that lists them. So both are set
/// here, before anything else can touch OpenCL. For a single core PoCL's device without workers is taken, which computes
/// on the calling thread: a launch then costs 2 microseconds instead of 20, as no other thread is woken.
/// </summary>
internal static class OpenClStartup
{
    private const string WorkerLimit = "POCL_MAX_PTHREAD_COUNT";
    private const string DeviceChoice = "POCL_DEVICES";
    private const string DeviceWithoutWorkers = "basic";
    private const string ThreadName = "tandem-opencl";

    private static readonly Lock Gate = new();
    private static OpenClDeviceList? s_devices;

    /// <summary>The cores that CPU-backed devices work on; decided by the first use.</summary>
    internal static IReadOnlyList<int> Cores { get; private set; } = [];

    /// <summary>The devices, listed by the first call on a thread that is pinned to the given cores.</summary>
    internal static OpenClDeviceList RunOnce(IReadOnlyList<int>? cores, Func<OpenClDeviceList> list)
    {
        lock (Gate)
        {
            if (s_devices is not null)
            {
                return s_devices;
            }
            Cores = cores is { Count: > 0 } ? [.. cores.Order()] : [Environment.ProcessorCount - 1];
            SetNativeEnvironment(WorkerLimit, Cores.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (Cores.Count == 1 && Environment.GetEnvironmentVariable(DeviceChoice) is null)
            {
                SetNativeEnvironment(DeviceChoice, DeviceWithoutWorkers);
            }
            s_devices = OnPinnedThread(list);
            return s_devices;
        }
    }

    private static OpenClDeviceList OnPinnedThread(Func<OpenClDeviceList> list)
    {
        OpenClDeviceList? devices = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = ThreadAffinity.Pin([.. Cores]);
                devices = list();
            }
            catch (OpenClException exception)
            {
                failure = exception;
            }
        })
        {
            Name = ThreadName,
            IsBackground = true,
        };
        thread.Start();
        thread.Join();
        return devices ?? new OpenClDeviceList([], failure?.Message ?? "the OpenCL drivers cannot be listed");
    }

    private static void SetNativeEnvironment(string name, string value)
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(name, value);
        }
        else
        {
            _ = UnixEnvironment.SetVariable(name, value, 1);
        }
    }
}

/// <summary>
/// The C library's environment: native libraries read it, and .NET's own functions change only a copy of it on Unix.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static partial class UnixEnvironment
{
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetVariable(string name, string value, int overwrite);
}
