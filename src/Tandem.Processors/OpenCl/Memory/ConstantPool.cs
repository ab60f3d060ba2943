using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>Where a constant lies: a block of the pool and the first element in it, in elements of four bytes.</summary>
internal readonly record struct ConstantSlot(int Block, int Offset);

/// <summary>
/// The constants of a compiled slice (packed weights, biases, tables) on the device, in few blocks. A CPU-backed device
/// reads them from host memory in place. Large constants have blocks of their own, so that slices with equal ones share them.
/// </summary>
/// <param name="context">Where the device's memory comes from.</param>
/// <param name="expectedElements">About how many elements will be added; more are allowed.</param>
/// <param name="hasHalfWeights">Whether weights are stored in half precision; other constants never are.</param>
internal sealed class ConstantPool(OpenClContext context, long expectedElements, bool hasHalfWeights = false) : IDisposable
{
    private const int AlignmentInElements = 16;
    private const long LeastBlockElements = 1 << 12;
    private const long MostBlockElements = 4 << 20;

    // Below this a block of its own costs more than sharing saves.
    private const long LeastSharedElements = 1 << 14;

    private readonly List<SharedBuffer> _host = [];
    private readonly List<bool> _isShareable = [];
    private readonly List<bool> _isHalf = [];
    private readonly List<ConstantBlock> _blocks = [];
    private readonly List<long> _usedOf = [];
    private readonly long _blockElements = Math.Clamp(expectedElements + (expectedElements >> 4), LeastBlockElements, MostBlockElements);

    /// <summary>The constants that are images.</summary>
    internal ConstantImages Images { get; } = new(context, hasHalfWeights);

    /// <summary>Whether weights are stored in half precision.</summary>
    internal bool HasHalfWeights => hasHalfWeights;

    /// <summary>Adds a constant of this many elements and gives its memory to be filled in.</summary>
    internal ConstantSlot Reserve(long count, out Span<float> memory) => Reserve(count, isHalf: false, out memory);

    /// <summary>The same for weights, which a slice in half precision stores so; they are filled in as floats all the same.</summary>
    internal ConstantSlot ReserveWeights(long count, out Span<float> memory) => Reserve(count, hasHalfWeights, out memory);

    private ConstantSlot Reserve(long count, bool isHalf, out Span<float> memory)
    {
        bool isShareable = count >= LeastSharedElements;
        int block = isShareable ? AddBlock(count + AlignmentInElements, isShareable, isHalf) : OpenBlock(count, isHalf);
        int from = (int)_usedOf[block];
        memory = _host[block].AsSpan<float>().Slice(from, (int)count);
        _usedOf[block] += (count + AlignmentInElements - 1) / AlignmentInElements * AlignmentInElements;
        return new ConstantSlot(block, from);
    }

    /// <summary>The block of small constants that has room for one more.</summary>
    private int OpenBlock(long count, bool isHalf)
    {
        int last = _host.Count - 1;
        while (last >= 0 && (_isShareable[last] || _isHalf[last] != isHalf))
        {
            last--;
        }
        return last >= 0 && _usedOf[last] + count <= ElementsOf(_host[last])
            ? last
            : AddBlock(Math.Max(count, _blockElements), isShareable: false, isHalf);
    }

    private int AddBlock(long elements, bool isShareable, bool isHalf)
    {
        _host.Add(new SharedBuffer(elements * sizeof(float)));
        _usedOf.Add(0);
        _isShareable.Add(isShareable);
        _isHalf.Add(isHalf);
        return _host.Count - 1;
    }

    /// <summary>Adds a constant.</summary>
    internal ConstantSlot Add(ReadOnlySpan<float> values)
    {
        ConstantSlot slot = Reserve(values.Length, out Span<float> memory);
        values.CopyTo(memory);
        return slot;
    }

    /// <summary>Adds weights.</summary>
    internal ConstantSlot AddWeights(ReadOnlySpan<float> values)
    {
        ConstantSlot slot = ReserveWeights(values.Length, out Span<float> memory);
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
            SharedBuffer block = _host[i] = _isHalf[i] ? Narrowed(_host[i], _usedOf[i]) : Fitted(_host[i], _usedOf[i]);
            _blocks.Add(context.Constants.Upload(block, _isShareable[i]));
        }
        Images.Upload();
    }

    /// <summary>Bytes of all blocks, once they are uploaded.</summary>
    internal long SizeInBytes => _blocks.Sum(block => block.SizeInBytes);

    /// <summary>Elements of a block.</summary>
    internal long ElementCount(int block) => _blocks[block].SizeInBytes / (_isHalf[block] ? Unsafe.SizeOf<Half>() : sizeof(float));

    /// <summary>The memory object of a block.</summary>
    internal MemoryHandle this[int block] => _blocks[block].Device;

    public void Dispose()
    {
        // Those that became blocks belong to them.
        foreach (SharedBuffer host in _host.Skip(_blocks.Count))
        {
            host.Dispose();
        }
        foreach (ConstantBlock block in _blocks)
        {
            context.Constants.Release(block);
        }
        _host.Clear();
        _blocks.Clear();
        Images.Dispose();
    }

    private static long ElementsOf(SharedBuffer block) => block.SizeInBytes / sizeof(float);

    /// <summary>A block in half precision, with room for a vector as below.</summary>
    private static SharedBuffer Narrowed(SharedBuffer block, long used)
    {
        var narrowed = new SharedBuffer((used + AlignmentInElements) * Unsafe.SizeOf<Half>());
        ReadOnlySpan<float> from = block.AsSpan<float>()[..(int)used];
        Span<Half> to = narrowed.AsSpan<Half>();
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = (Half)from[i];
        }
        block.Dispose();
        return narrowed;
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
}
