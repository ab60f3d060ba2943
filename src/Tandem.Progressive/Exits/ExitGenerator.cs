using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Training;

namespace Tandem.Progressive.Exits;

/// <summary>Gives classification networks early exits, as SPINN does (Laskaridis et al., MobiCom 2020).</summary>
public static class ExitGenerator
{
    /// <summary>
    /// The network with early exits, whose heads are not trained yet. Its own output stays what it is; the exits' scores come before it.
    /// </summary>
    /// <param name="network">A classifier with one output of N, classes; weights in single precision.</param>
    /// <param name="options">Where exits are wanted; null for SPINN's six.</param>
    /// <returns>Outputs: the exits' logits [N, classes] from the earliest to the latest, then the network's own; its metadata hold a
    /// <see cref="ProgressiveDescription"/>.</returns>
    /// <exception cref="ExitException">The network is no classifier or has too few places for exits, or the options are wrong.</exception>
    public static Graph Add(Graph network, ExitOptions? options = null)
    {
        options ??= new ExitOptions();
        options.Validate();
        long classes = Classes(network);
        IReadOnlyList<ExitPlace> chosen = Choose(network, options);
        long own = OperatorCost.Of(new GraphDraft(network).ToGraph([network.Outputs[0].Name])).Macs / network.Outputs[0].Shape[0];
        ExitHead[] heads = HeadChoice.Within(chosen, classes, own * options.HeadBudget);
        var draft = new GraphDraft(network);
        string prefix = Prefix(network);
        List<string> outputs = [];
        foreach ((ExitPlace place, ExitHead head) in chosen.Zip(heads))
        {
            outputs.Add($"{prefix}{outputs.Count + 1}");
            head.Write(new HeadWriter(draft, outputs[^1], options.Seed), place.Tensor, classes);
        }
        outputs.Add(network.Outputs[0].Name);
        Graph progressive = draft.ToGraph(outputs);
        long[] macs = ExitCuts.Macs(progressive, outputs);
        return new ProgressiveDescription([.. outputs.Zip(macs, (output, count) => new Exit(output, count))]).Describe(progressive);
    }

    /// <summary>The places at which <see cref="Add"/> puts exits, from the earliest to the latest.</summary>
    /// <param name="network">A classifier with one output.</param>
    /// <param name="options">Where exits are wanted.</param>
    /// <exception cref="ExitException">The network has too few places, or the options are wrong.</exception>
    public static IReadOnlyList<ExitPlace> Choose(Graph network, ExitOptions options)
    {
        options.Validate();
        _ = Classes(network);
        IReadOnlyList<ExitPlace> places = ExitPlaces.Of(network);
        return places.Count switch
        {
            0 => throw new ExitException(
                $"network '{network.Name}' has no place for an early exit: no features of float32 with layers both before and after them"),
            int count when count < options.Positions.Count => throw new ExitException(
                $"network '{network.Name}' has only {count} places for early exits, not {options.Positions.Count}; ask for fewer"),
            _ => PlaceChoice.Nearest(places, options.Positions),
        };
    }

    private static long Classes(Graph network)
    {
        if (network.Metadata.ContainsKey(ProgressiveDescription.MetadataKey))
        {
            throw new ExitException($"network '{network.Name}' has exits already; give the one without");
        }
        return network.Outputs is [Tensor output] && Logits.AreScores(output)
            ? output.Shape[1]
            : throw new ExitException(
                $"network '{network.Name}' is no classifier that exits can be added to: it makes {string.Join(" and ", network.Outputs)}, "
                + "not one output of images, classes in float32");
    }

    // Names of the network may not be those of the heads.
    private static string Prefix(Graph network)
    {
        string prefix = "exit";
        while (network.Tensors.Keys.Concat(network.Operators.Select(op => op.Name)).Any(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            prefix = "early " + prefix;
        }
        return prefix;
    }
}
