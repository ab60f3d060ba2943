using Tandem.Graphs;
using Tandem.Learning.Data;

namespace Tandem.Learning.Training;

/// <summary>The input by which a classification network gets its images.</summary>
public static class ImageInput
{
    /// <summary>The only input of a network, which must take the images of a data set, as its outputs must tell their classes.</summary>
    /// <param name="network">The network, with any batch.</param>
    /// <param name="images">The data set.</param>
    /// <param name="outputs">The outputs that classify.</param>
    /// <exception cref="TrainingException">They do not.</exception>
    public static Tensor Of(Graph network, ILabelledImages images, IReadOnlyList<string> outputs)
    {
        if (network.Inputs is not [{ Type: ElementType.Float32, Shape.Rank: 4 } input])
        {
            throw new TrainingException(
                $"network '{network.Name}' must have one input of shape images, channels, height, width and type Float32 to be trained; "
                + $"it has {string.Join("; ", network.Inputs)}");
        }
        var shape = new ImageShape((int)input.Shape[1], (int)input.Shape[2], (int)input.Shape[3]);
        if (shape != images.Shape)
        {
            throw new TrainingException(
                $"network '{network.Name}' takes images of {shape}, the data has {images.Shape}; use a network or data of the other size");
        }
        Tensor? odd = outputs.Select(output => network.Tensors.GetValueOrDefault(output)
            ?? throw new TrainingException($"network '{network.Name}' has no output '{output}'"))
            .FirstOrDefault(output => !Logits.AreScores(output) || output.Shape[1] != images.Classes.Count);
        return odd is null && outputs.Count > 0 ? input : throw new TrainingException(
            $"network '{network.Name}' tells {(odd is null ? "no" : $"{odd.Shape[1]}")} classes, the data has {images.Classes.Count}; "
            + "use a network for as many classes as the data has");
    }

    /// <summary>Gives a batch to a session.</summary>
    internal static void Fill(TrainingSession session, Tensor input, Batch batch)
    {
        // A few megabytes at most, against the time of a step: not worth binding other memory for each batch.
        batch.Images.AsSpan<float>().CopyTo(session.Input<float>(input.Name));
        batch.Labels.AsSpan<long>().CopyTo(session.Input<long>(ITrainingObjective.Labels));
    }
}
