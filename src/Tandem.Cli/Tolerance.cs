using Tandem.Graphs;

namespace Tandem.Cli;

/// <summary>How far outputs may be from plain ONNX Runtime's.</summary>
internal static class Tolerance
{
    // float32 sums in another order differ by less; half precision has 11 bits, and ONNX Runtime rounds to them between layers.
    private const double Float32 = 1e-3;
    private const double Float16 = 2e-2;

    public static double For(Graph model) => For(model.Outputs);

    public static double For(IEnumerable<Tensor> outputs) => outputs.Any(o => o.Type == ElementType.Float16) ? Float16 : Float32;
}
