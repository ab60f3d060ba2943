using System.Diagnostics;
using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>
/// Tells the end of a run through shared virtual memory: the last kernel of the queue stores the run's number with release order,
/// the host reads it with acquire order. So the host needs no call into the driver to see the end.
/// </summary>
internal sealed unsafe class EndFlag : IDisposable
{
    // Beyond this waiting in the driver costs little in proportion, and it tells what went wrong.
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(20);

    private readonly SharedBuffer _flag;
    private readonly KernelHandle _kernel;
    private int _run;

    /// <summary>Makes a flag.</summary>
    /// <exception cref="OpenClException">The device has no memory left.</exception>
    /// <exception cref="ProcessorFailedException">The driver cannot build the kernel.</exception>
    internal EndFlag(OpenClContext context, ProgramBuilder programs)
    {
        // A device of OpenCL 3.0 need not know the language of 2.0, nor one of 2.x that of 3.0; both have these atomics.
        bool isThird = context.Device.Version.StartsWith("OpenCL 3", StringComparison.Ordinal);
        // Where CPU cores are the device, its scope has the host in it; some such drivers know no wider one.
        string scope = context.Device.Type == OpenClDeviceType.Cpu ? "memory_scope_device" : "memory_scope_all_svm_devices";
        _kernel = programs.CreateKernel(
            new ProgramKey("gpu_signal", $"-DSCOPE={scope}", isThird ? "CL3.0" : "CL2.0"), "signal_end");
        try
        {
            _flag = context.AllocateSvm(sizeof(int));
            int status = OpenClNative.clSetKernelArgSVMPointer(_kernel, 0, _flag.Pointer);
            OpenClStatus.Check(status, "clSetKernelArgSVMPointer");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Waits until everything that was enqueued before has ended.</summary>
    /// <returns>Whether it was seen to end; if not, the driver is to be asked.</returns>
    /// <exception cref="OpenClException">The driver failed.</exception>
    internal bool Await(QueueHandle queue)
    {
        int run = ++_run;
        OpenClStatus.Check(OpenClNative.clSetKernelArg(_kernel, 1, sizeof(int), &run), "clSetKernelArg");
        nuint one = 1;
        int status = OpenClNative.clEnqueueNDRangeKernel(queue, _kernel, 1, null, &one, &one, 0, null, null);
        OpenClStatus.Check(status, "clEnqueueNDRangeKernel");
        OpenClStatus.Check(OpenClNative.clFlush(queue), "clFlush");
        ref int flag = ref *(int*)_flag.Pointer;
        long start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref flag) != run)
        {
            if (Stopwatch.GetElapsedTime(start) > LongestPoll)
            {
                return false;
            }
            Thread.SpinWait(1);
        }
        return true;
    }

    public void Dispose()
    {
        _kernel.Dispose();
        _flag?.Dispose();
    }
}
