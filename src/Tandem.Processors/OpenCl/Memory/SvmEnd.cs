using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>An end in memory that kernels and the host use at the same time, by its address: nothing is done for a run.</summary>
internal sealed unsafe class SvmEnd : IBoundEnd
{
    private readonly SharedBuffer _buffer;
    private readonly SvmMemoryHandle _memory;

    internal SvmEnd(in TensorView view)
    {
        _buffer = view.Buffer;
        bool held = false;
        _buffer.DangerousAddRef(ref held);
        _memory = new SvmMemoryHandle((nint)_buffer.Pointer);
        int elementBytes = view.Tensor.Type.SizeInBytes();
        Placement = new Placement(
            _memory, view.FirstPieceOffset / elementBytes, Placement.StridesOf(view.Tensor.Shape), _buffer.AllocatedBytes / elementBytes);
    }

    public Placement Placement { get; }

    public bool IsTransferred => false;

    public void ToDevice(QueueHandle queue)
    {
    }

    public void ToHost(QueueHandle queue)
    {
    }

    public void Dispose()
    {
        _memory.Dispose();
        _buffer.DangerousRelease();
    }
}
