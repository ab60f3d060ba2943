namespace Tandem.Graphs.Kernels;

/// <summary>Groups the operators of a prepared graph into kernels.</summary>
public static class KernelDetector
{
    /// <summary>
    /// Finds what a runtime really fuses, by comparing the graph that it was given with the graph that it made of it. A
    /// runtime keeps the names of the tensors at the borders of what it fuses, so the kernel of an optimised operator
    /// is all that lies between its outputs and the nearest tensors that still exist.
    /// </summary>
    /// <param name="prepared">The graph at the runtime's basic optimisation level: standard operators, constants
    /// folded.</param>
    /// <param name="optimised">The same model at the extended level, where operators are fused.</param>
    /// <returns>
    /// Every prepared operator in exactly one kernel; operators that cannot be found in the optimised graph are kernels
    /// of their own. Residual additions join the convolution before them, as they do above the extended level.
    /// </returns>
    public static Network Detect(Graph prepared, Graph optimised)
    {
        HashSet<string> borders =
            [.. optimised.Inputs.Select(i => i.Name), .. optimised.Operators.SelectMany(op => op.Outputs)];
        List<IReadOnlyList<Operator>> groups = [];
        HashSet<Operator> taken = [];
        foreach (Operator fused in optimised.Operators)
        {
            List<Operator> group = WalkBack(prepared, fused, borders, taken);
            if (group.Count > 0)
            {
                groups.Add(group);
            }
        }
        groups.AddRange(prepared.Operators.Except(taken).Select(op => (IReadOnlyList<Operator>)[op]));
        return KernelOrder.Arrange(prepared, ResidualFusion.Join(prepared, groups));
    }

    /// <summary>
    /// Groups by rule, without a runtime's help: a Conv, ConvTranspose, Gemm or MatMul with the BatchNormalization and
    /// the activation that alone read its result, a Conv also with the addition of a residual tensor.
    /// </summary>
    public static Network Detect(Graph prepared)
    {
        List<IReadOnlyList<Operator>> groups = [];
        HashSet<Operator> taken = [];
        foreach (Operator op in prepared.Operators)
        {
            if (taken.Contains(op))
            {
                continue;
            }
            List<Operator> group = FusionPattern.StartingAt(prepared, op);
            taken.UnionWith(group);
            groups.Add(group);
        }
        return KernelOrder.Arrange(prepared, ResidualFusion.Join(prepared, groups));
    }

    private static List<Operator> WalkBack(
        Graph prepared, Operator fused, HashSet<string> borders, HashSet<Operator> taken)
    {
        List<Operator> group = [];
        var waiting = new Stack<string>(fused.Outputs.Where(o => o.Length > 0));
        while (waiting.TryPop(out string? tensor))
        {
            if ((!fused.Outputs.Contains(tensor) && borders.Contains(tensor)) || prepared.Producer(tensor) is not { } op
                || !taken.Add(op))
            {
                continue;
            }
            group.Add(op);
            foreach (string input in op.Inputs.Where(i => i.Length > 0))
            {
                waiting.Push(input);
            }
        }
        return group;
    }
}
