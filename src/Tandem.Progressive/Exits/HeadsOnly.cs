using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Training;

namespace Tandem.Progressive.Exits;

/// <summary>Training of exits' heads on a network that stays as it is.</summary>
public static class HeadsOnly
{
    /// <summary>Names of the weights that only early exits' heads read.</summary>
    /// <param name="network">A progressive network.</param>
    /// <exception cref="ExitException">The network has no exits.</exception>
    public static IReadOnlySet<string> Of(Graph network)
    {
        IReadOnlyList<Exit> exits = ExitCuts.Exits(network);
        HashSet<string> weights = [.. TrainableWeights.Of(network)];
        weights.ExceptWith(ExitCuts.Needed(network, [exits[^1].Output]).SelectMany(op => op.Inputs));
        return weights;
    }

    /// <summary>
    /// Training options that choose these weights. The normalisations of what is frozen stay as at inference, and no gradients of it are
    /// computed.
    /// </summary>
    /// <param name="network">A progressive network.</param>
    /// <param name="options">All other options; null for the usual ones. Its own choice of weights is narrowed to the heads.</param>
    /// <exception cref="ExitException">The network has no exits.</exception>
    public static TrainingOptions Options(Graph network, TrainingOptions? options = null)
    {
        options ??= new TrainingOptions();
        Predicate<Tensor> trains = options.Trains;
        IReadOnlySet<string> heads = Of(network);
        return options with { Trains = weight => heads.Contains(weight.Name) && trains(weight) };
    }
}
