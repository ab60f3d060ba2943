using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>Plausible inputs for a network where the user gives none: seeded, the same on every machine.</summary>
public static class SeededInputs
{
    /// <summary>Fills a tensor: floats uniform in [0, 1), bytes in 0..255, other integers zero.</summary>
    public static void Fill(Tensor tensor, SharedBuffer memory, int seed)
    {
        var random = new Random(seed);
        switch (tensor.Type)
        {
            case ElementType.Float32:
                foreach (ref float element in memory.AsSpan<float>())
                {
                    element = random.NextSingle();
                }
                break;
            case ElementType.Float16:
                foreach (ref Half element in memory.AsSpan<Half>())
                {
                    element = (Half)random.NextSingle();
                }
                break;
            case ElementType.UInt8:
                random.NextBytes(memory.AsSpan<byte>());
                break;
            default:
                memory.AsSpan<byte>().Clear();
                break;
        }
    }
}
