using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Tandem.Processors.OpenCl;

/// <summary>
/// The first use of OpenCL in a process. PoCL starts its workers when its devices are first listed: as many as the native
/// environment variable POCL_MAX_PTHREAD_COUNT says, with the affinity of the thread that lists them. So both are set
/// here, before anything else can touch OpenCL. For a single core PoCL's device without workers is taken, which computes
/// on the calling thread: a launch then costs 2 microseconds instead of 20, as no other thread is woken. Of that kind there can be
/// several, one for each core that slices run on; of the kind with workers one, since all its workers have the same cores.
/// </summary>
internal static class OpenClStartup
{
    private const string WorkerLimit = "POCL_MAX_PTHREAD_COUNT";
    private const string DeviceChoice = "POCL_DEVICES";
    private const string DeviceWithoutWorkers = "basic";
    private const string DeviceWithWorkers = "pthread";
    private const string ThreadName = "tandem-opencl";

    private static readonly Lock Gate = new();
    private static OpenClDeviceList? s_devices;

    /// <summary>The cores of each CPU-backed device of PoCL, in its order; decided by the first use. Other CPU-backed devices have the first.</summary>
    internal static IReadOnlyList<IReadOnlyList<int>> Cores { get; private set; } = [];

    /// <summary>The devices, listed by the first call.</summary>
    /// <param name="cores">The cores of each CPU-backed device that is wished for.</param>
    /// <param name="list">Lists the devices.</param>
    internal static OpenClDeviceList RunOnce(IReadOnlyList<IReadOnlyList<int>> cores, Func<OpenClDeviceList> list)
    {
        lock (Gate)
        {
            if (s_devices is not null)
            {
                return s_devices;
            }
            bool isChosenByUser = Environment.GetEnvironmentVariable(DeviceChoice) is not null;
            Cores = Possible(cores).Take(isChosenByUser ? 1 : int.MaxValue).ToArray();
            IReadOnlyList<int> workerCores = Cores.FirstOrDefault(c => c.Count > 1, Cores[0]);
            SetNativeEnvironment(WorkerLimit, workerCores.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!isChosenByUser)
            {
                SetNativeEnvironment(DeviceChoice, string.Join(' ', Cores.Select(c => c.Count == 1 ? DeviceWithoutWorkers : DeviceWithWorkers)));
            }
            s_devices = OnPinnedThread(workerCores, list);
            return s_devices;
        }
    }

    /// <summary>The wishes that PoCL can fulfil together: any number of single cores, and one set of several.</summary>
    private static IEnumerable<IReadOnlyList<int>> Possible(IReadOnlyList<IReadOnlyList<int>> cores)
    {
        int[][] wishes = [.. cores.Where(c => c.Count > 0).Select(c => c.Order().ToArray())];
        int[]? several = wishes.FirstOrDefault(c => c.Length > 1);
        return wishes.Length == 0 ? [[Environment.ProcessorCount - 1]] : wishes.Where(c => c.Length == 1 || ReferenceEquals(c, several));
    }

    private static OpenClDeviceList OnPinnedThread(IReadOnlyList<int> cores, Func<OpenClDeviceList> list)
    {
        OpenClDeviceList? devices = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = ThreadAffinity.Pin([.. cores]);
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
