using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Exits;

namespace Tandem.Progressive.Exits;

/// <summary>Which part of a network each of its exits needs.</summary>
internal static class ExitCuts
{
    /// <summary>
    /// For each exit the operators that are to be run to leave there after all earlier exits have been looked at; each operator belongs to
    /// one exit.
    /// </summary>
    /// <param name="network">A progressive network.</param>
    /// <exception cref="ExitException">The network has no exits.</exception>
    internal static IReadOnlyList<IReadOnlyList<Operator>> Increments(Graph network) =>
        Increments(network, [.. Exits(network).Select(exit => exit.Output)]);

    /// <summary>The multiply-accumulates of one image up to each exit, with the heads of all earlier ones.</summary>
    internal static long[] Macs(Graph network, IReadOnlyList<string> outputs)
    {
        long sum = 0;
        return [.. Increments(network, outputs).Select(part => sum += part.Sum(op => OperatorCost.Of(op, network).Macs))
            .Select(macs => macs / network.Tensors[outputs[^1]].Shape[0])];
    }

    /// <summary>The operators on which tensors depend, in the graph's order.</summary>
    internal static IReadOnlyList<Operator> Needed(Graph network, IEnumerable<string> tensors)
    {
        HashSet<Operator> needed = [];
        var open = new Stack<string>(tensors);
        while (open.TryPop(out string? tensor))
        {
            if (network.Producer(tensor) is Operator op && needed.Add(op))
            {
                foreach (string input in op.Inputs)
                {
                    open.Push(input);
                }
            }
        }
        return [.. network.Operators.Where(needed.Contains)];
    }

    /// <summary>The description of a network that must have one.</summary>
    internal static IReadOnlyList<Exit> Exits(Graph network) => ProgressiveDescription.Of(network)?.Exits
        ?? throw new ExitException($"network '{network.Name}' has no exits; add some with 'tandem progressive train'");

    private static List<IReadOnlyList<Operator>> Increments(Graph network, IReadOnlyList<string> outputs)
    {
        HashSet<Operator> before = [];
        List<IReadOnlyList<Operator>> parts = [];
        foreach (string output in outputs)
        {
            parts.Add([.. Needed(network, [output]).Where(before.Add)]);
        }
        return parts;
    }
}
