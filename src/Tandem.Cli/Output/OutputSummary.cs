using System.Runtime.InteropServices;
using Tandem.Graphs;

namespace Tandem.Cli.Output;

/// <summary>The largest elements of an output: for a classifier the likeliest classes.</summary>
internal sealed record OutputSummary(string Name, Shape Shape, IReadOnlyList<(int Index, double Value)> Largest)
{
    private const int Count = 5;

    public static IEnumerable<OutputSummary> Of(Graph model, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> outputs) =>
        model.Outputs.Select(o => new OutputSummary(o.Name, o.Shape, Top(Floats(o.Type, outputs[o.Name].Span))));

    private static (int Index, double Value)[] Top(float[] values) =>
        [.. values.Select((value, index) => (index, (double)value)).OrderByDescending(v => v.Item2).Take(Count)];

    private static float[] Floats(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ElementType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        ElementType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), h => (float)h),
        _ => [],
    };
}
