using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>Plausible inputs for a network where the user gives none: seeded, the same on every machine.</summary>
public static class SeededInputs
{
    /// <summary>
    /// Fills an input: floats uniform in [0, 1), or in [0, 255) where the network begins by scaling pixels; bytes in 0..255; other
    /// integers zero.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="input">One of its inputs.</param>
    /// <param name="memory">The input's memory.</param>
    /// <param name="seed">Equal seeds give equal numbers.</param>
    public static void Fill(Graph graph, Tensor input, SharedBuffer memory, int seed)
    {
        var random = new Random(seed);
        float range = graph.Consumers(input.Name).Any(op => op.Type == "ImageScaler") ? 255 : 1;
        switch (input.Type)
        {
            case ElementType.Float32:
                foreach (ref float element in memory.AsSpan<float>())
                {
                    element = random.NextSingle() * range;
                }
                break;
            case ElementType.Float16:
                foreach (ref Half element in memory.AsSpan<Half>())
                {
                    element = (Half)(random.NextSingle() * range);
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
