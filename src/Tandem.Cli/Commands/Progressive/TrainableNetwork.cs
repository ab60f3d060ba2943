using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Inference;
using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Training;
using Tandem.Progressive.Exits;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>A network as it is trained: with which objective, and what its file is to say about it.</summary>
/// <param name="Network">The network with batch 1, before training.</param>
/// <param name="Description">Its exits, or its only output as the last exit.</param>
/// <param name="Objective">What training makes small.</param>
internal sealed record TrainableNetwork(Graph Network, ProgressiveDescription Description, ITrainingObjective Objective)
{
    /// <summary>Whether only the heads of the exits are trained.</summary>
    public bool TrainsHeadsOnly { get; init; }

    /// <summary>A few words about exits for <see cref="TrainerOptions.Recipe"/>.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>The outputs whose accuracy counts, the network's own answer last.</summary>
    public IReadOnlyList<string> Outputs => [.. Description.Exits.Select(exit => exit.Output)];

    /// <summary>Adds exits to a network that has none, where any are wanted.</summary>
    /// <param name="loaded">The network.</param>
    /// <param name="request">What is asked for.</param>
    /// <exception cref="TandemException">The network does not classify, has no place for exits, or has exits already and others are asked for.</exception>
    public static TrainableNetwork Of(Graph loaded, TrainingRequest request)
    {
        Graph folded = ConstantFolding.Fold(loaded);
        Graph network = request.DrawsWeights ? InitialWeights.Draw(folded, request.WeightSeed) : folded;
        ProgressiveDescription? known = ProgressiveDescription.Of(loaded);
        if (known is { Exits.Count: > 1 })
        {
            return request.HasDefaultExits
                ? Progressive(known.Describe(network), request)
                : throw new TandemException($"'{request.Model}' has {known.Exits.Count - 1} early exits already; leave --exits out to train those");
        }
        return request.ExitPositions.Count == 0
            ? Plain(network, request.LabelSmoothing)
            : Progressive(ExitGenerator.Add(network, new ExitOptions { Positions = request.ExitPositions, Seed = request.WeightSeed }), request);
    }

    private static TrainableNetwork Progressive(Graph network, TrainingRequest request)
    {
        ProgressiveDescription description = ProgressiveDescription.Of(network)!;
        JointObjective objective = request.TrainsHeadsOnly ? JointObjective.Equal(network) : JointObjective.Rising(network);
        string positions = string.Join(", ", description.Exits.Select(exit => exit.Macs));
        return new TrainableNetwork(network, description, objective)
        {
            TrainsHeadsOnly = request.TrainsHeadsOnly,
            Recipe = $"exits after {positions} MACs{(request.TrainsHeadsOnly ? ", heads only" : "")}",
        };
    }

    /// <summary>A network without exits.</summary>
    /// <exception cref="TrainingException">It does not classify.</exception>
    private static TrainableNetwork Plain(Graph network, double labelSmoothing)
    {
        Tensor output = network.Outputs.LastOrDefault(Logits.AreScores)
            ?? throw new TrainingException($"network '{network.Name}' has no output with a number for each class, so it cannot be trained to classify");
        var description = new ProgressiveDescription([new Exit(output.Name, OperatorCost.Of(network).Macs)]);
        return new TrainableNetwork(network, description, new ClassificationObjective(output.Name, labelSmoothing));
    }

    /// <summary>The graph that trains it.</summary>
    /// <param name="batch">Images of a step.</param>
    /// <param name="optimizer">The optimiser.</param>
    public TrainingGraph Graph(int batch, IOptimizer optimizer)
    {
        // Biases, and scales of normalisations, have one axis. To make them small would not make the network simpler.
        var options = new TrainingOptions { Decays = weight => weight.Shape.Rank > 1 };
        return TrainingGraph.Build(
            Batching.WithBatch(Network, batch), Objective.AddLoss, optimizer,
            TrainsHeadsOnly ? HeadsOnly.Options(Network, options) : options);
    }

    /// <summary>The trained network with batch 1, and in its metadata what one must know to use it.</summary>
    /// <param name="session">The session that has trained it.</param>
    /// <param name="images">The images that it was trained on.</param>
    /// <param name="scaling">How their pixels became numbers.</param>
    public Graph Finished(TrainingSession session, ILabelledImages images, PixelScaling scaling)
    {
        // Of samples from 0 to 1, while the scaling is of samples from 0 to 255.
        float whole = byte.MaxValue * scaling.Scale;
        int channels = images.Shape.Channels;
        return (Description with
        {
            Classes = images.Classes,
            Means = [.. scaling.Mean.Take(channels).Select(mean => mean / whole)],
            StandardDeviations = [.. scaling.Deviation.Take(channels).Select(deviation => deviation / whole)],
        }).Describe(Batching.WithBatch(session.Export(), 1));
    }
}
