using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>
/// Reverse-mode automatic differentiation over ONNX graphs: from a forward graph to one that makes gradients too. The gradients
/// are standard ONNX operators that have gradients themselves, so that a draft may be differentiated again.
/// </summary>
public static class GradientBuilder
{
    /// <summary>The operator set that gradients are written in at least; older graphs with static meaning are lifted to it.</summary>
    /// <remarks>Version 16 adds up what is scattered to one place; what 13 to 16 changed else is which types are allowed.</remarks>
    public const int Opset = 16;

    /// <summary>The operator types that have a gradient.</summary>
    public static IReadOnlyCollection<string> DifferentiableOperators => GradientRules.Types;

    /// <summary>A draft to differentiate in: the graph in an operator set in which gradients can be written.</summary>
    /// <param name="graph">The forward graph.</param>
    /// <param name="asInputs">Names of constants that become inputs, such as weights to train; null for none.</param>
    /// <exception cref="DifferentiationException">The graph's operator set is too old.</exception>
    public static GraphDraft Draft(Graph graph, IReadOnlyList<string>? asInputs = null)
    {
        Graph lifted = OperatorSetLift.Apply(graph);
        return new GraphDraft(lifted, Math.Max(Opset, lifted.Opset), asInputs);
    }

    /// <summary>The graph that makes what a forward graph makes, and after that the gradients.</summary>
    /// <param name="forward">The forward graph, operator set 7 or newer.</param>
    /// <param name="loss">A tensor of one element.</param>
    /// <param name="withRespectTo">Inputs, constants or other tensors of the graph.</param>
    /// <returns>Its outputs are the forward graph's and then one gradient for each tensor, of its shape.</returns>
    /// <exception cref="DifferentiationException">An operator between these tensors and the loss has no gradient.</exception>
    public static Graph Build(Graph forward, string loss, IReadOnlyList<string> withRespectTo)
    {
        GraphDraft draft = Draft(forward);
        IReadOnlyList<Tensor> gradients = Add(draft, draft[loss], [.. withRespectTo.Select(name => draft[name])]);
        return draft.ToGraph([.. forward.Outputs.Select(o => o.Name), .. gradients.Select(g => g.Name)]);
    }

    /// <summary>Adds the gradients of a loss to a draft.</summary>
    /// <param name="draft">The draft, operator set <see cref="Opset"/> or newer.</param>
    /// <param name="loss">A tensor of one element.</param>
    /// <param name="withRespectTo">Inputs, constants or other tensors of the draft.</param>
    /// <returns>One gradient for each tensor, of its shape; zeros where the loss does not depend on it.</returns>
    /// <exception cref="DifferentiationException">An operator between these tensors and the loss has no gradient.</exception>
    public static IReadOnlyList<Tensor> Add(GraphDraft draft, Tensor loss, IReadOnlyList<Tensor> withRespectTo)
    {
        if (loss.Shape.ElementCount != 1 || !IsContinuous(loss))
        {
            throw new DifferentiationException($"loss {loss} must be one floating-point number");
        }
        HashSet<string> active = [.. withRespectTo.Select(tensor => tensor.Name)];
        Operator[] forward = [.. draft.Operators.Where(op => MarkActive(op, draft, active))];
        var gradients = new Gradients(draft);
        gradients.Add(loss.Name, draft.Reshape(draft.Number(1, loss.Type), loss.Shape));
        foreach (Operator op in forward.Reverse().Where(op => op.Outputs.Any(o => gradients.Find(o) is not null)))
        {
            IGradientRule rule = GradientRules.Find(op)
                ?? throw new DifferentiationException(op, $"Tandem has no gradient of operator type '{op.Type}'; " +
                    "leave what lies before it untrained, or export the network without it");
            rule.Differentiate(new GradientContext(draft, op, gradients, active));
        }
        return [.. withRespectTo.Select(tensor => gradients.Find(tensor.Name) ?? draft.Zeros(tensor.Type, tensor.Shape))];
    }

    private static bool MarkActive(Operator op, GraphDraft draft, HashSet<string> active)
    {
        if (!op.Inputs.Any(active.Contains))
        {
            return false;
        }
        string[] continuous = [.. op.Outputs.Where(o => o.Length > 0 && IsContinuous(draft[o]))];
        active.UnionWith(continuous);
        return continuous.Length > 0;
    }

    private static bool IsContinuous(Tensor tensor) => tensor.Type is ElementType.Float32 or ElementType.Float64;
}
