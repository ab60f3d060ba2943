using Tandem.Graphs;
using Tandem.Learning.Data;

namespace Tandem.Learning.Training;

/// <summary>Measures how well a network that is being trained classifies images, each of which counts once.</summary>
public static class Evaluator
{
    /// <summary>Runs all images through the network as at inference, in batches; what fills up the last one does not count.</summary>
    /// <param name="session">The session.</param>
    /// <param name="objective">What it is trained by.</param>
    /// <param name="progress">The share of training that is done, for the objective.</param>
    /// <param name="images">The images.</param>
    /// <param name="augmentation">What happens to them: usually nothing but scaling.</param>
    /// <param name="outputs">The outputs to measure.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="TrainingException">The network does not take such images, or an output holds no scores of their classes.</exception>
    public static IReadOnlyList<OutputScore> Evaluate(
        TrainingSession session, ITrainingObjective objective, double progress, ILabelledImages images, Augmentation augmentation,
        IReadOnlyList<string> outputs, CancellationToken cancellation = default)
    {
        Tensor input = ImageInput.Of(session.Graph.Forward, images, outputs);
        OutputTally[] tallies = [.. outputs.Select(output => new OutputTally(session, output))];
        using var loader = new BatchLoader(images, augmentation, BatchLoaderOptions.ForEvaluation((int)input.Shape[0]));
        while (loader.Next() is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ImageInput.Fill(session, input, batch);
            objective.BeginStep(session, progress);
            session.Evaluate();
            foreach (OutputTally tally in tallies)
            {
                tally.Add(batch.Labels.AsSpan<long>()[..batch.Count]);
            }
        }
        return [.. tallies.Select(tally => tally.Score)];
    }
}
