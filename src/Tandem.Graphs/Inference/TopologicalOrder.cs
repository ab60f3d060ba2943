namespace Tandem.Graphs.Inference;

/// <summary>Orders operators so that each comes after those that make its inputs.</summary>
internal static class TopologicalOrder
{
    /// <summary>A stable order: the given one wherever it already is a possible one.</summary>
    /// <exception cref="InvalidModelException">The operators form a cycle, or an input is made by nothing.</exception>
    public static IReadOnlyList<Operator> Sort(IReadOnlyList<Operator> operators, Graph graph)
    {
        HashSet<string> known = [.. graph.Inputs.Select(i => i.Name), .. graph.Constants.Keys, ""];
        List<Operator> ordered = new(operators.Count);
        List<Operator> waiting = [.. operators];
        while (waiting.Count > 0)
        {
            List<Operator> blocked = [];
            foreach (Operator op in waiting)
            {
                if (op.Inputs.All(known.Contains))
                {
                    ordered.Add(op);
                    known.UnionWith(op.Outputs);
                }
                else
                {
                    blocked.Add(op);
                }
            }
            if (blocked.Count == waiting.Count)
            {
                throw Unsortable(blocked[0], known, graph);
            }
            waiting = blocked;
        }
        return ordered;
    }

    private static InvalidModelException Unsortable(Operator op, HashSet<string> known, Graph graph)
    {
        string missing = op.Inputs.First(i => !known.Contains(i));
        return graph.Producer(missing) is null
            ? new InvalidModelException(op, $"input '{missing}' is made by no operator and is no input of the model")
            : new InvalidModelException(op, $"input '{missing}' depends on the operator's own output");
    }
}
