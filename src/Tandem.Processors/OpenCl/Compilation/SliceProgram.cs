using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>A slice as launches and the memory they need.</summary>
/// <param name="Inputs">The slice's inputs, in order.</param>
/// <param name="Outputs">The slice's outputs, in order.</param>
/// <param name="Launches">The launches, in order.</param>
/// <param name="Arena">Where the tensors in between lie.</param>
internal sealed record SliceProgram(
    IReadOnlyList<TensorNode> Inputs,
    IReadOnlyList<TensorNode> Outputs,
    IReadOnlyList<Launch> Launches,
    ArenaPlan Arena)
{
    /// <summary>Bytes of an element of the tensors in between.</summary>
    internal int ArenaElementBytes { get; init; } = sizeof(float);
}
