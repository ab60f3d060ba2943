using System.Numerics;
using System.Runtime.InteropServices;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>
/// The constants of all slices of one context. Row slices of a layer, and plans beside each other, pack the same weights; where the
/// device reads host memory in place, they then use one copy, which lives as long as one of them does. Safe for use by several
/// threads.
/// </summary>
/// <remarks>
/// Equal are blocks whose bytes are equal, whatever made them: the hash only finds the candidates. A device with memory of its own keeps no
/// host copy to compare with, and shares nothing.
/// </remarks>
internal sealed class SharedConstants(OpenClContext context)
{
    // Odd, with bits all over: the golden ratio's, as in multiplicative hashing.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Lock _gate = new();
    private readonly Dictionary<(ulong Hash, long SizeInBytes), ConstantBlock> _blocks = [];

    /// <summary>Bytes of the blocks that may be shared; each counts once.</summary>
    internal long SharedBytes
    {
        get { lock (_gate) { return _blocks.Values.Sum(b => b.SizeInBytes); } }
    }

    /// <summary>A block with the contents of host memory, of which it takes ownership. Give it back with <see cref="Release"/>.</summary>
    /// <param name="host">The contents.</param>
    /// <param name="isShareable">Whether other slices may have the same.</param>
    internal ConstantBlock Upload(SharedBuffer host, bool isShareable)
    {
        if (!isShareable || context.Sharing != MemorySharing.Coherent)
        {
            return Make(host, null);
        }
        ulong hash = HashOf(host.AsSpan<byte>());
        lock (_gate)
        {
            var key = (hash, host.SizeInBytes);
            if (_blocks.TryGetValue(key, out ConstantBlock? block))
            {
                if (!block.Host!.AsSpan<byte>().SequenceEqual(host.AsSpan<byte>()))
                {
                    return Make(host, null);
                }
                host.Dispose();
                block.Users++;
                return block;
            }
            return _blocks[key] = Make(host, hash);
        }
    }

    /// <summary>Says that one user of a block is done with it; the last one frees it.</summary>
    internal void Release(ConstantBlock block)
    {
        lock (_gate)
        {
            if (--block.Users > 0)
            {
                return;
            }
            if (block.Hash is { } hash)
            {
                _blocks.Remove((hash, block.SizeInBytes));
            }
        }
        block.Device.Dispose();
        block.Host?.Dispose();
    }

    private ConstantBlock Make(SharedBuffer host, ulong? hash)
    {
        if (context.Sharing == MemorySharing.Coherent)
        {
            return new ConstantBlock(context.Wrap(host), host, host.SizeInBytes, hash) { Users = 1 };
        }
        var block = new ConstantBlock(context.Copy(host), null, host.SizeInBytes, hash) { Users = 1 };
        host.Dispose();
        return block;
    }

    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            hash = BitOperations.RotateLeft((hash ^ word) * Multiplier, 31);
        }
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
        {
            hash = (hash ^ rest) * Multiplier;
        }
        return hash;
    }
}
