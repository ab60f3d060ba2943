using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>Where a constant lies: a block of the pool and the first element in it, in elements of four bytes.</summary>
internal readonly record struct ConstantSlot(int Block, int Offset);

/// <summary>
/// The constants of a compiled slice (packed weights, biases, tables) on the device, in few blocks. A CPU-backed device
/// reads them from host memory in place.
/// </summary>
/// <param name="context">Where the device's memory comes from.</param>
/// <param name="expectedElements">About how many elements will be added; more are allowed.</param>
internal sealed class ConstantPool(OpenClContext context, long expectedElements) : IDisposable
{
    private const int AlignmentInElements = 16;
    private const long LeastBlockElements = 1 << 12;
    private const long MostBlockElements = 4 << 20;

    private readonly List<SharedBuffer> _host = [];
    private readonly List<MemoryHandle> _device = [];
    private readonly List<long> _usedOf = [];
    private readonly long _blockElements = Math.Clamp(expectedElements + (expectedElements >> 4), LeastBlockElements, MostBlockElements);

    /// <summary>Adds a constant of this many elements and gives its memory to be filled in.</summary>
    internal ConstantSlot Reserve(long count, out Span<float> memory)
    {
        if (_host.Count == 0 || _usedOf[^1] + count > _host[^1].SizeInBytes / sizeof(float))
        {
            _host.Add(new SharedBuffer(Math.Max(count, _blockElements) * sizeof(float)));
            _usedOf.Add(0);
        }
        int from = (int)_usedOf[^1];
        memory = _host[^1].AsSpan<float>().Slice(from, (int)count);
        _usedOf[^1] += (count + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
        return new ConstantSlot(_host.Count - 1, from);
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
        for (int i = 0; i < _host.Count; i++)
        {
            SharedBuffer block = _host[i] = Fitted(_host[i], _usedOf[i]);
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

    /// <summary>A block without its unused end, with room for a vector to be read past the last element.</summary>
    private static SharedBuffer Fitted(SharedBuffer block, long used)
    {
        long bytes = (used + AlignmentInElements) * sizeof(float);
        if (bytes + (bytes >> 3) >= block.SizeInBytes)
        {
            return block;
        }
        var fitted = new SharedBuffer(bytes);
        block.AsSpan<float>()[..(int)used].CopyTo(fitted.AsSpan<float>());
        block.Dispose();
        return fitted;
    }

    private void ReleaseHost()
    {
        foreach (SharedBuffer block in _host)
        {
            block.Dispose();
        }
    }
}
