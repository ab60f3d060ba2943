namespace Tandem.Graphs.Kernels;

/// <summary>Turns groups of operators into kernels, each after those it reads from.</summary>
internal static class KernelOrder
{
    /// <summary>
    /// Orders the groups, as near to the graph's own order as possible. Groups that wait for each other (an operator
    /// between two of one group belongs to another) cannot run as units; the first of them is taken apart.
    /// </summary>
    public static Network Arrange(Graph graph, IReadOnlyList<IReadOnlyList<Operator>> groups)
    {
        var places = graph.Operators.Select((op, index) => (op, index)).ToDictionary(p => p.op, p => p.index);
        List<Operator[]> waiting =
            [.. groups.Select(g => g.OrderBy(op => places[op]).ToArray()).OrderBy(g => places[g[0]])];
        HashSet<Operator> done = [];
        List<Kernel> kernels = [];
        while (waiting.Count > 0)
        {
            int ready = waiting.FindIndex(group => IsReady(graph, group, done));
            if (ready < 0)
            {
                // The group that begins first could begin now, so what blocks it comes between its own operators.
                waiting = [.. waiting[0].Select(op => new[] { op }), .. waiting.Skip(1)];
                waiting.Sort((a, b) => places[a[0]].CompareTo(places[b[0]]));
                continue;
            }
            kernels.Add(MakeKernel(graph, kernels.Count, waiting[ready]));
            done.UnionWith(waiting[ready]);
            waiting.RemoveAt(ready);
        }
        return new Network(graph, kernels);
    }

    private static bool IsReady(Graph graph, Operator[] group, HashSet<Operator> done) =>
        group.SelectMany(op => op.Inputs)
            .Select(graph.Producer)
            .All(producer => producer is null || done.Contains(producer) || Array.IndexOf(group, producer) >= 0);

    private static Kernel MakeKernel(Graph graph, int index, Operator[] operators)
    {
        HashSet<string> made = [.. operators.SelectMany(op => op.Outputs)];
        string[] inputs = [.. operators
            .SelectMany(op => op.Inputs)
            .Where(i => i.Length > 0 && !made.Contains(i) && !graph.Constants.ContainsKey(i))
            .Distinct()];
        string[] outputs = [.. operators
            .SelectMany(op => op.Outputs)
            .Where(o => o.Length > 0 && IsSeenOutside(graph, o, operators))];
        return new Kernel(index, string.Join('+', operators.Select(op => op.Type)), operators, inputs, outputs);
    }

    private static bool IsSeenOutside(Graph graph, string tensor, Operator[] operators) =>
        graph.Outputs.Any(o => o.Name == tensor)
        || graph.Consumers(tensor).Any(reader => Array.IndexOf(operators, reader) < 0);
}
