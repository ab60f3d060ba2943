using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>
/// An end in host memory that the device uses in place. On a coherent device nothing is done for a run; on another the bytes
/// from the first to the last of the view are mapped for the host between runs.
/// </summary>
internal sealed unsafe class AttachedEnd : IBoundEnd
{
    private readonly AttachedBuffers _buffers;
    private readonly SharedBuffer _buffer;
    private readonly MemoryHandle _memory;
    private readonly QueueHandle? _mappingQueue;
    private readonly ulong _mapFlags;
    private readonly nuint _offset;
    private readonly nuint _size;
    private void* _mapped;

    /// <summary>Attaches a view.</summary>
    /// <param name="buffers">The attached buffers of the context.</param>
    /// <param name="view">The view.</param>
    /// <param name="mappingQueue">The queue to map on; null on a coherent device.</param>
    /// <param name="isInput">Whether the host writes it, rather than reads it.</param>
    internal AttachedEnd(AttachedBuffers buffers, in TensorView view, QueueHandle? mappingQueue, bool isInput)
    {
        _buffers = buffers;
        _buffer = view.Buffer;
        _mappingQueue = mappingQueue;
        _mapFlags = isInput ? OpenClConstants.MapWrite | OpenClConstants.MapRead : OpenClConstants.MapRead;
        _offset = (nuint)view.FirstPieceOffset;
        _size = (nuint)((view.PieceCount - 1) * view.PieceStrideBytes + view.PieceBytes);
        _memory = buffers.Attach(_buffer);
        Placement = new Placement(
            _memory,
            view.FirstPieceOffset / view.Tensor.Type.SizeInBytes(),
            Placement.StridesOf(view.Tensor.Shape),
            _buffer.AllocatedBytes / view.Tensor.Type.SizeInBytes());
        if (mappingQueue is not null)
        {
            ToHost(mappingQueue);
        }
    }

    public Placement Placement { get; }

    public bool IsTransferred => _mappingQueue is not null;

    public void ToDevice(QueueHandle queue)
    {
        if (_mapped is not null)
        {
            int status = OpenClNative.clEnqueueUnmapMemObject(queue, _memory, _mapped, 0, null, null);
            OpenClStatus.Check(status, "clEnqueueUnmapMemObject");
            _mapped = null;
        }
    }

    public void ToHost(QueueHandle queue)
    {
        if (_mappingQueue is not null && _mapped is null)
        {
            int status;
            _mapped = OpenClNative.clEnqueueMapBuffer(queue, _memory, 1, _mapFlags, _offset, _size, 0, null, null, &status);
            OpenClStatus.Check(status, "clEnqueueMapBuffer");
        }
    }

    public void Dispose()
    {
        if (_mapped is not null && _mappingQueue is not null)
        {
            _ = OpenClNative.clEnqueueUnmapMemObject(_mappingQueue, _memory, _mapped, 0, null, null);
            _ = OpenClNative.clFinish(_mappingQueue);
            _mapped = null;
        }
        _buffers.Detach(_buffer);
    }
}
