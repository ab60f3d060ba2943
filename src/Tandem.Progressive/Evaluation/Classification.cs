using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Data;

namespace Tandem.Progressive.Evaluation;

/// <summary>By which input a network takes images, and by which outputs it tells their class.</summary>
/// <param name="Input">Float32 of shape 1, channels, height, width.</param>
/// <param name="Outputs">The exits' outputs in their order, the last being the network's own; Float32 with a score for each class.</param>
public sealed record Classification(Tensor Input, IReadOnlyList<Tensor> Outputs)
{
    /// <summary>The shape of the images that the network takes.</summary>
    public ImageShape ImageShape => new((int)Input.Shape[1], (int)Input.Shape[2], (int)Input.Shape[3]);

    /// <summary>The number of classes.</summary>
    public int ClassCount => (int)Outputs[^1].Shape.ElementCount;

    /// <summary>Looks at a network: at the exits that its metadata name, or else at its only output.</summary>
    /// <exception cref="EvaluationException">It does not classify single images.</exception>
    /// <exception cref="InvalidModelException">What its metadata say about exits is damaged.</exception>
    public static Classification Of(Graph network)
    {
        if (network.Inputs is not [{ Type: ElementType.Float32, Shape.Rank: 4 } input] || input.Shape[0] != 1 || input.Shape[1] is not (1 or 3))
        {
            throw new EvaluationException(
                $"network '{network.Name}' must have one input of shape 1, 1 or 3, height, width and type Float32 to be run on labelled images; "
                + $"it has {string.Join("; ", network.Inputs)}");
        }
        IEnumerable<string> names = ProgressiveDescription.Of(network) is { } description
            ? description.Exits.Select(exit => exit.Output)
            : network.Outputs.Select(output => output.Name);
        Tensor[] outputs = [.. names.Select(name => network.Tensors[name])];
        bool isDescribed = network.Metadata.ContainsKey(ProgressiveDescription.MetadataKey);
        if ((outputs.Length != 1 && !isDescribed) || outputs.Any(output => !AreScores(output)) || outputs.DistinctBy(o => o.Shape.ElementCount).Count() > 1)
        {
            throw new EvaluationException(
                $"network '{network.Name}' must have one output with a score for each class, or exits with such outputs; "
                + $"it has {string.Join("; ", network.Outputs)}");
        }
        return new Classification(input, outputs);
    }

    /// <summary>Refuses data that the network cannot classify.</summary>
    /// <exception cref="EvaluationException">Images have another shape, or there are not as many classes.</exception>
    public void Require(ILabelledImages images)
    {
        if (images.Shape != ImageShape)
        {
            throw new EvaluationException(
                $"the network takes images of {ImageShape}, the data has {images.Shape}: use a network or data of the other size");
        }
        if (images.Classes.Count != ClassCount)
        {
            throw new EvaluationException(
                $"the network tells {ClassCount} classes, the data has {images.Classes.Count}: use a network that was trained on these classes");
        }
    }

    // Also 1, classes, 1, 1, as some networks have it.
    private static bool AreScores(Tensor output) => output.Type == ElementType.Float32 && output.Shape.Rank >= 2
        && output.Shape[0] == 1 && output.Shape[1] >= 2 && output.Shape[1] == output.Shape.ElementCount;
}
