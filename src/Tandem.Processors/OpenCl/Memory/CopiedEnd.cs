using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>An end in the device's own memory: exactly the bytes of the view are copied before or after a run.</summary>
internal sealed unsafe class CopiedEnd : IBoundEnd
{
    private readonly SharedBuffer _buffer;
    private readonly MemoryHandle _memory;
    private readonly bool _isInput;
    private readonly byte* _host;
    private readonly nuint _hostPitch;
    private readonly Region3 _region;

    internal CopiedEnd(OpenClContext context, in TensorView view, bool isInput)
    {
        _buffer = view.Buffer;
        _isInput = isInput;
        bool held = false;
        _buffer.DangerousAddRef(ref held);
        _host = _buffer.Pointer + view.FirstPieceOffset;
        _hostPitch = (nuint)view.PieceStrideBytes;
        _region = new Region3 { Bytes = (nuint)view.PieceBytes, Rows = (nuint)view.PieceCount, Slices = 1 };
        long bytes = view.PieceBytes * view.PieceCount;
        _memory = context.Allocate(bytes);
        Placement = Placement.Dense(_memory, 0, view.Shape, bytes / view.Tensor.Type.SizeInBytes());
    }

    public Placement Placement { get; }

    public bool IsTransferred => true;

    public void ToDevice(QueueHandle queue)
    {
        if (_isInput)
        {
            Region3 origin = default, region = _region;
            int status = OpenClNative.clEnqueueWriteBufferRect(
                queue, _memory, 1, &origin, &origin, &region, _region.Bytes, 0, _hostPitch, 0, _host, 0, null, null);
            OpenClStatus.Check(status, "clEnqueueWriteBufferRect");
        }
    }

    public void ToHost(QueueHandle queue)
    {
        if (!_isInput)
        {
            Region3 origin = default, region = _region;
            int status = OpenClNative.clEnqueueReadBufferRect(
                queue, _memory, 1, &origin, &origin, &region, _region.Bytes, 0, _hostPitch, 0, _host, 0, null, null);
            OpenClStatus.Check(status, "clEnqueueReadBufferRect");
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _buffer.DangerousRelease();
    }
}
