using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl;

/// <summary>A kernel with its arguments set, ready to be enqueued.</summary>
internal sealed unsafe class OpenClKernelLaunch : IDisposable
{
    private const int Dimensions = 3;

    private readonly KernelHandle _kernel;
    private readonly nuint[] _sizes = new nuint[2 * Dimensions];
    private readonly bool _hasGroup;

    /// <summary>Takes a kernel over.</summary>
    /// <param name="kernel">The kernel, all of whose arguments are set.</param>
    /// <param name="arguments">What set them, with the grid.</param>
    /// <param name="isCpuBacked">Whether work-groups have one work-item where the launch does not say how many.</param>
    internal OpenClKernelLaunch(KernelHandle kernel, LaunchArguments arguments, bool isCpuBacked)
    {
        _kernel = kernel;
        (long X, long Y, long Z)? group = arguments.Group ?? (isCpuBacked ? (1, 1, 1) : null);
        _hasGroup = group is not null;
        (_sizes[0], _sizes[1], _sizes[2]) = ((nuint)arguments.Grid.X, (nuint)arguments.Grid.Y, (nuint)arguments.Grid.Z);
        if (group is { } size)
        {
            (_sizes[3], _sizes[4], _sizes[5]) = ((nuint)size.X, (nuint)size.Y, (nuint)size.Z);
        }
    }

    /// <summary>Enqueues the kernel.</summary>
    internal void Enqueue(QueueHandle queue)
    {
        fixed (nuint* sizes = _sizes)
        {
            int status = OpenClNative.clEnqueueNDRangeKernel(
                queue, _kernel, Dimensions, null, sizes, _hasGroup ? sizes + Dimensions : null, 0, null, null);
            OpenClStatus.Check(status, "clEnqueueNDRangeKernel");
        }
    }

    public void Dispose() => _kernel.Dispose();
}
