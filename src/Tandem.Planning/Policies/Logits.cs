using Tandem.Graphs;
using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies;

/// <summary>
/// Finds the kernels whose outputs a Softmax compares: those from which it is reached without another sum of products in between.
/// </summary>
/// <remarks>
/// Softmax turns differences of large numbers into ratios, so it magnifies the rounding in which two engines differ. All
/// numbers that one Softmax compares are therefore left to one engine: these kernels are not divided by channels.
/// </remarks>
internal sealed class Logits
{
    private static readonly string[] Compared = ["Softmax", "LogSoftmax"];
    private static readonly string[] SumsOfProducts = ["Conv", "ConvTranspose", "Gemm", "MatMul"];

    private readonly bool[] _isMaker;

    /// <summary>Finds them in a network.</summary>
    public Logits(Network network)
    {
        _isMaker = new bool[network.Kernels.Count];
        HashSet<string> compared = [];
        foreach (Kernel kernel in network.Kernels.Reverse())
        {
            foreach (Operator op in kernel.Operators.Reverse())
            {
                bool makes = op.Outputs.Any(compared.Contains);
                _isMaker[kernel.Index] |= makes;
                if (Compared.Contains(op.Type) || (makes && !SumsOfProducts.Contains(op.Type)))
                {
                    compared.UnionWith(op.Inputs);
                }
            }
        }
    }

    /// <summary>Whether any of the kernels makes what a Softmax compares.</summary>
    public bool AreMadeBy(KernelRange kernels) => _isMaker.AsSpan(kernels.First, kernels.Count).Contains(true);
}
