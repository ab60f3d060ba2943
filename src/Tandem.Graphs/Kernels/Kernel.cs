namespace Tandem.Graphs.Kernels;

/// <summary>
/// Operators that a runtime fuses and runs as one unit (for example Conv, BatchNormalization and Relu): the granularity
/// of prediction and of plans.
/// </summary>
/// <param name="Index">Its place in <see cref="Network.Kernels"/>.</param>
/// <param name="Type">The fused operators' types joined by "+", such as "Conv+Relu".</param>
/// <param name="Operators">The operators, in the order in which they run.</param>
/// <param name="Inputs">Names of the non-constant tensors read from outside.</param>
/// <param name="Outputs">Names of the tensors that other kernels or the caller read.</param>
public sealed record Kernel(
    int Index,
    string Type,
    IReadOnlyList<Operator> Operators,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs)
{
    /// <summary>A name for people: that of the first operator.</summary>
    public string Name => Operators[0].Name;
}
