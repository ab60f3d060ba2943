using System.Runtime.InteropServices;

namespace Tandem.Processors.OpenCl.Interop;

/// <summary>A counted reference to an OpenCL object.</summary>
internal abstract class OpenClHandle : SafeHandle
{
    private protected OpenClHandle(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The raw object, for calls that take its address.</summary>
    internal nint Raw => handle;
}

/// <summary>A cl_context.</summary>
internal sealed class ContextHandle(nint handle) : OpenClHandle(handle)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenClNative.clReleaseContext(handle) == 0;
}

/// <summary>A cl_command_queue.</summary>
internal sealed class QueueHandle(nint handle) : OpenClHandle(handle)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenClNative.clReleaseCommandQueue(handle) == 0;
}

/// <summary>A cl_program.</summary>
internal sealed class ProgramHandle(nint handle) : OpenClHandle(handle)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenClNative.clReleaseProgram(handle) == 0;
}

/// <summary>A cl_kernel.</summary>
internal sealed class KernelHandle(nint handle) : OpenClHandle(handle)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenClNative.clReleaseKernel(handle) == 0;
}

/// <summary>Memory that kernels take: a cl_mem.</summary>
internal class MemoryHandle(nint handle) : OpenClHandle(handle)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OpenClNative.clReleaseMemObject(handle) == 0;
}

/// <summary>Shared virtual memory, which kernels take by its address. It belongs to somebody else, who keeps it as long as this lives.</summary>
internal sealed class SvmMemoryHandle(nint address) : MemoryHandle(address)
{
    /// <inheritdoc/>
    protected override bool ReleaseHandle() => true;
}
