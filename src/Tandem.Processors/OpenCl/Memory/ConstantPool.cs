using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>Where a constant lies: a block of the pool and the first element in it, in elements of four bytes.</summary>
internal readonly record struct ConstantSlot(int Block, int Offset);

/// <summary>
/// The constants of a compiled slice (packed weights, biases, tables) on the device, in few blocks. A CPU-backed device
/// reads them from host memory in place.
/// </summary>
internal sealed class ConstantPool(OpenClContext context) : IDisposable
{
    private const int AlignmentInElements = 16;
    private const long BlockElements = 4 << 20;

    private readonly List<SharedBuffer> _host = [];
    private readonly List<MemoryHandle> _device = [];
    private long _used = BlockElements;

    /// <summary>Adds a constant of this many elements and gives its memory to be filled in.</summary>
    internal ConstantSlot Reserve(long count, out Span<float> memory)
    {
        if (_used + count > CapacityOfLast)
        {
            _host.Add(new SharedBuffer(Math.Max(count, BlockElements) * sizeof(float)));
            _used = 0;
        }
        var slot = new ConstantSlot(_host.Count - 1, (int)_used);
        memory = _host[^1].AsSpan<float>().Slice((int)_used, (int)count);
        _used += (count + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
        return slot;
    }

    /// <summary>Adds a constant.</summary>
    internal ConstantSlot Add(ReadOnlySpan<float> values)
    {
        ConstantSlot slot = Reserve(values.Length, out Span<float> memory);
        values.CopyTo(memory);
        return slot;
    }

    /// <summary>Adds a table of indices.</summary>
    internal ConstantSlot Add(ReadOnlySpan<int> values)
    {
        ConstantSlot slot = Reserve(values.Length, out Span<float> memory);
        values.CopyTo(MemoryMarshal.Cast<float, int>(memory));
        return slot;
    }

    /// <summary>Hands everything over to the device; nothing is added after this.</summary>
    internal void Upload()
    {
        foreach (SharedBuffer block in _host)
        {
            _device.Add(context.Sharing == MemorySharing.Coherent ? context.Wrap(block) : context.Copy(block));
        }
        if (context.Sharing != MemorySharing.Coherent)
        {
            ReleaseHost();
        }
    }

    /// <summary>Elements of a block.</summary>
    internal long ElementCount(int block) => _host[block].SizeInBytes / sizeof(float);

    /// <summary>The memory object of a block.</summary>
    internal MemoryHandle this[int block] => _device[block];

    public void Dispose()
    {
        foreach (MemoryHandle memory in _device)
        {
            memory.Dispose();
        }
        ReleaseHost();
    }

    private long CapacityOfLast => _host.Count == 0 ? 0 : _host[^1].SizeInBytes / sizeof(float);

    private void ReleaseHost()
    {
        foreach (SharedBuffer block in _host)
        {
            block.Dispose();
        }
    }
}
