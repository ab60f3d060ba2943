using Tandem.Graphs;
using Tandem.Graphs.Costs;

namespace Tandem.Progressive.Exits;

/// <summary>
/// Finds where a network can have exits: at its cut points, each a tensor through which all information goes; and beside these at the
/// ends of activations and joins (SPINN takes the outputs of ReLU layers).
/// </summary>
public static class ExitPlaces
{
    private static readonly HashSet<string> Activations =
    [
        "Relu", "LeakyRelu", "PRelu", "Clip", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid", "HardSwish", "Softplus", "ThresholdedRelu", "Tanh",
        "Gelu", "Mish",
    ];

    private static readonly HashSet<string> Joins = ["Add", "Sum", "Concat"];

    /// <summary>The places of a network by what is computed up to there, the least first; no two after equally much.</summary>
    /// <param name="network">A network with one output.</param>
    public static IReadOnlyList<ExitPlace> Of(Graph network)
    {
        string output = network.Outputs[0].Name;
        HashSet<string> data = Data(network);
        Operator[] needed = [.. ExitCuts.Needed(network, [output]).Where(op => op.Outputs.Any(data.Contains))];
        HashSet<string> cuts = Cuts(needed, data, output);
        Dictionary<Operator, long> macs = network.Operators.ToDictionary(op => op, op => OperatorCost.Of(op, network).Macs);
        double all = needed.Sum(op => macs[op]);
        return [.. needed
            .SelectMany(op => op.Outputs.Where(name => name.Length > 0 && IsPlace(network.Tensors[name], op, cuts)).Select(name => (op, name)))
            .Select(made => (made.op, Place: new ExitPlace(
                network.Tensors[made.name], ExitCuts.Needed(network, [made.name]).Sum(op => macs[op]) / all, cuts.Contains(made.name))))
            .Where(found => found.Place.Fraction is > 0 and < 1)
            .GroupBy(found => found.Place.Fraction)
            .Select(same => same.OrderBy(found => found.Place.IsCut ? 0 : 1).ThenBy(found => Rank(found.op)).First().Place)
            .OrderBy(place => place.Fraction)];
    }

    // What changes with the network's input. Shapes do not, as they are static.
    private static HashSet<string> Data(Graph network)
    {
        HashSet<string> data = [.. network.Inputs.Select(input => input.Name)];
        foreach (Operator op in network.Operators.Where(op => op.Type is not ("Shape" or "Size") && op.Inputs.Any(data.Contains)))
        {
            data.UnionWith(op.Outputs.Where(name => name.Length > 0));
        }
        return data;
    }

    // Where only one tensor is still to be read, all that follows depends on this tensor alone, in whichever order operators run.
    private static HashSet<string> Cuts(Operator[] operators, HashSet<string> data, string output)
    {
        Dictionary<string, int> readers = operators.SelectMany(op => op.Inputs.Distinct()).Append(output)
            .GroupBy(name => name).ToDictionary(uses => uses.Key, uses => uses.Count());
        HashSet<string> cuts = [];
        HashSet<string> alive = [];
        foreach (Operator op in operators)
        {
            foreach (string input in op.Inputs.Distinct().Where(data.Contains))
            {
                alive.Add(input);
                if (--readers[input] == 0)
                {
                    alive.Remove(input);
                }
            }
            alive.UnionWith(op.Outputs.Where(readers.ContainsKey));
            if (alive.Count == 1)
            {
                cuts.UnionWith(alive);
            }
        }
        return cuts;
    }

    private static bool IsPlace(Tensor tensor, Operator op, HashSet<string> cuts)
    {
        Shape shape = tensor.Shape;
        bool isCut = cuts.Contains(tensor.Name);
        return tensor.Type == ElementType.Float32 && shape.Rank is >= 2 and <= 4 && shape.ElementCount > shape[0]
            && (isCut || (Rank(op) < 2 && (shape.Rank != 4 || shape.Product(2, 4) > 1)));
    }

    private static int Rank(Operator op) => Activations.Contains(op.Type) ? 0 : Joins.Contains(op.Type) ? 1 : 2;
}
