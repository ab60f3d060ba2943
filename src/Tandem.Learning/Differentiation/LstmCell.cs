using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>
/// One step of a long short-term memory (Hochreiter and Schmidhuber, 1997; with forget gates), made of operators that have
/// gradients. Gates are ordered input, output, forget, cell, as in ONNX's LSTM.
/// </summary>
public static class LstmCell
{
    private const int Gates = 4;

    /// <summary>Adds a step to a draft.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="x">N, features.</param>
    /// <param name="hidden">N, units: the output of the step before.</param>
    /// <param name="cell">N, units: the memory after the step before.</param>
    /// <param name="inputWeights">4 * units, features.</param>
    /// <param name="hiddenWeights">4 * units, units.</param>
    /// <param name="bias">4 * units.</param>
    /// <returns>Output and memory after this step, N, units each.</returns>
    public static (Tensor Hidden, Tensor Cell) Step(
        GraphDraft draft, Tensor x, Tensor hidden, Tensor cell, Tensor inputWeights, Tensor hiddenWeights, Tensor bias)
    {
        Tensor sums = draft.Add(
            "Gemm", [hidden, hiddenWeights, draft.Add("Gemm", [x, inputWeights, bias], ("transB", Expressions.Int(1)))],
            ("transB", Expressions.Int(1)));
        long units = hidden.Shape[1];
        Tensor sizes = draft.Integers(Enumerable.Repeat(units, Gates).ToArray());
        IReadOnlyList<Tensor> gates = draft.Add("Split", [sums, sizes], Gates, ("axis", Expressions.Int(1)));
        Tensor input = draft.Add("Sigmoid", [gates[0]]);
        Tensor output = draft.Add("Sigmoid", [gates[1]]);
        Tensor forget = draft.Add("Sigmoid", [gates[2]]);
        Tensor proposed = draft.Add("Tanh", [gates[3]]);
        Tensor memory = draft.Add(draft.Mul(forget, cell), draft.Mul(input, proposed));
        return (draft.Mul(output, draft.Add("Tanh", [memory])), memory);
    }
}
