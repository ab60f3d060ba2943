using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Progressive.Calibration;

/// <summary>Runs a progressive network over labelled images, all exits at once, in batches on ONNX Runtime.</summary>
public sealed class ExitScorer : IDisposable
{
    private const int MostImagesAtOnce = 128;
    private const long BytesAtOnce = 1L << 30;

    private readonly Graph _graph;
    private readonly ProgressiveDescription _description;
    private readonly InferenceSession _session;
    private readonly int _batch;
    private readonly bool _endsInSoftmax;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">The network, for batch 1.</param>
    /// <param name="description">Its exits.</param>
    /// <exception cref="CalibrationException">It does not read images, or its exits do not give scores of equally many classes.</exception>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot run it.</exception>
    public ExitScorer(Graph graph, ProgressiveDescription description)
    {
        (_graph, _description) = (graph, description);
        Shape = ImagesOf(graph);
        Classes = ClassesOf(graph, description);
        string[] outputs = [.. description.Exits.Select(exit => exit.Output)];
        Graph exits = ExitPrefix.Of(graph, outputs);
        _endsInSoftmax = SoftmaxOutput.Is(graph, outputs[^1]);
        long bytes = exits.Operators.SelectMany(op => op.Outputs).Where(name => name.Length > 0).Sum(name => exits.Tensors[name].SizeInBytes);
        (_batch, Graph batched) = Batched(exits, (int)Math.Clamp(BytesAtOnce / Math.Max(1, bytes), 1, MostImagesAtOnce));
        try
        {
            using var options = new SessionOptions();
            _session = new InferenceSession(OnnxFile.Serialize(batched), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load network '{graph.Name}': {e.Detail}", e);
        }
    }

    /// <summary>The images that the network reads.</summary>
    public ImageShape Shape { get; }

    /// <summary>The number of classes that the exits know.</summary>
    public int Classes { get; }

    /// <summary>Scores all images of a set.</summary>
    /// <param name="images">The set.</param>
    /// <param name="progress">Told after each batch how many images are done.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="CalibrationException">The images or classes are not those that the network knows.</exception>
    /// <exception cref="DatasetException">An image cannot be read.</exception>
    public ExitScores Score(ILabelledImages images, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        Check(images);
        float[][] logits = [.. _description.Exits.Select(_ => new float[checked(images.Count * Classes)])];
        int done = 0;
        using var loader = new BatchLoader(
            images, Augmentation.None(ScalingOf(_description, Shape.Channels)), BatchLoaderOptions.ForEvaluation(_batch), default, cancellation);
        while (loader.Next() is { } batch)
        {
            Run(batch, logits, done);
            done += batch.Count;
            progress?.Report(done);
        }
        if (_endsInSoftmax)
        {
            SoftmaxOutput.ToLogits(logits[^1]);
        }
        return new ExitScores(logits, [.. Enumerable.Range(0, images.Count).Select(images.LabelOf)], Classes);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private void Run(Batch batch, float[][] logits, int done)
    {
        IReadOnlyList<OrtValue> outputs = _session.Run(
            null, [_graph.Inputs[0].Name], [batch.ImageValue], [.. _description.Exits.Select(exit => exit.Output)]);
        for (int exit = 0; exit < outputs.Count; exit++)
        {
            using OrtValue output = outputs[exit];
            output.GetTensorDataAsSpan<float>()[..(batch.Count * Classes)].CopyTo(logits[exit].AsSpan(done * Classes));
        }
    }

    private void Check(ILabelledImages images)
    {
        if (images.Shape != Shape)
        {
            throw new CalibrationException($"the images are {images.Shape}, but network '{_graph.Name}' reads {Shape}: give data of that size");
        }
        if (images.Classes.Count != Classes)
        {
            throw new CalibrationException(
                $"the data have {images.Classes.Count} classes, but network '{_graph.Name}' knows {Classes}: give the data that it was trained for");
        }
        IReadOnlyList<string> known = _description.Classes;
        bool areNumbers = images.Classes.Select((name, i) => name == FormattableString.Invariant($"{i}")).All(isNumber => isNumber);
        int other = areNumbers || known.Count != Classes ? -1 : Enumerable.Range(0, Classes).FirstOrDefault(i => known[i] != images.Classes[i], -1);
        if (other >= 0)
        {
            throw new CalibrationException($"class {other} of the data is '{images.Classes[other]}', but network '{_graph.Name}' was trained with "
                + $"'{known[other]}' as class {other}: give data with the same classes in the same order");
        }
    }

    private static (int Batch, Graph Graph) Batched(Graph graph, int batch)
    {
        try
        {
            return (batch, Batching.WithBatch(graph, batch));
        }
        catch (InvalidModelException)
        {
            // Some networks fix their batch to 1 inside; one image at a time is slower but right.
            return (1, graph);
        }
    }

    private static ImageShape ImagesOf(Graph graph) =>
        graph.Inputs is [{ Type: ElementType.Float32, Shape: [1, 1 or 3, >= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue] shape }]
            ? new ImageShape((int)shape[1], (int)shape[2], (int)shape[3])
            : throw new CalibrationException(
                $"network '{graph.Name}' does not read one image of 1 or 3 channels in float32, so it cannot be calibrated with labelled images");

    private static int ClassesOf(Graph graph, ProgressiveDescription description)
    {
        Tensor[] outputs = [.. description.Exits.Select(exit => graph.Tensors[exit.Output])];
        long classes = outputs[0].Shape.ElementCount;
        Tensor? other = outputs.FirstOrDefault(o => o.Type != ElementType.Float32 || o.Shape.ElementCount != classes);
        return other is null && classes is >= 2 and <= int.MaxValue ? (int)classes : throw new CalibrationException(
            $"exit '{(other ?? outputs[0]).Name}' gives {other ?? outputs[0]}, not as many scores in float32 as the others, at least 2: train the network again");
    }

    private static PixelScaling ScalingOf(ProgressiveDescription description, int channels)
    {
        if (description.Means.Count == 0 && description.StandardDeviations.Count == 0)
        {
            return PixelScaling.Unit;
        }
        return description.Means.Count == channels && description.StandardDeviations.Count == channels
            ? new PixelScaling("model", 1f / byte.MaxValue, description.Means, description.StandardDeviations)
            : throw new CalibrationException($"its metadata give means of {description.Means.Count} channels and deviations of "
                + $"{description.StandardDeviations.Count}, but images have {channels}: train the network again");
    }
}
