using System.CommandLine;
using Tandem.Cli.Data;
using Tandem.Cli.Output;
using Tandem.Cli.Reports;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Learning.Metrics;
using Tandem.Learning.Training;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>'tandem progressive train': trains a network, from new weights or those of its file, on labelled images.</summary>
internal static class TrainCommand
{
    private const double Momentum = 0.9;
    private const double WeightDecay = 5e-4;
    private const int WarmupShare = 20;

    public static Command Create()
    {
        var options = new TrainOptionsSet();
        var command = new Command(
            "train", $"Train a network on labelled images and write it as ONNX. Without a model: {TrainingRequest.DefaultModel}.");
        options.AddTo(command);
        command.SetAction(parsed => Run(new TrainingRequest(parsed, options), options.Model.Load(parsed, ModelOf(parsed, options))));
        return command;
    }

    private static string ModelOf(ParseResult parsed, TrainOptionsSet options) =>
        parsed.GetValue(options.Model.Model) ?? TrainingRequest.DefaultModel;

    private static int Run(TrainingRequest request, Graph loaded)
    {
        TrainableNetwork network = TrainableNetwork.Of(loaded, request);
        LabelledData data = LabelledData.Open(request.Data, ShapeOf(loaded), request.Seed);
        ImageInput.Of(network.Network, data.Training, network.Outputs);
        foreach (string notice in data.Notices)
        {
            Console.Error.WriteLine($"tandem: {notice}");
        }
        PixelScaling scaling = ScalingOf(request, loaded, data.Training);
        var optimizer = new Sgd(Momentum, WeightDecay, IsNesterov: true);
        using var session = new TrainingSession(network.Graph(request.Batch, optimizer), request.Threads);
        int epochs = request.Epochs(data.IsProcedural);
        long steps = (long)epochs * (data.Training.Count / request.Batch);
        var epochRows = new List<MetricsRow>();
        var progress = new TrainingProgressLine(Console.Error, !request.IsJson && !Console.IsErrorRedirected);
        var trainer = new Trainer(
            session, network.Objective, new CosineSchedule(request.LearningRate, steps, Math.Max(1, steps / WarmupShare)),
            new TrainingData(data.Training, data.Validation, AugmentationOf(data, scaling)),
            new TrainerOptions
            {
                Epochs = epochs,
                Seed = request.Seed,
                Outputs = network.Outputs,
                CheckpointPath = request.Checkpoint,
                MetricsPath = request.Metrics,
                Recipe = network.Recipe,
                StepDone = progress.Show,
                EpochDone = row =>
                {
                    epochRows.Add(row);
                    progress.Show(row, epochs);
                },
            });
        if (request.Resumes)
        {
            trainer.Resume(request.Checkpoint!);
            Console.Error.WriteLine(FormattableString.Invariant(
                $"tandem: going on from '{request.Checkpoint}' after {trainer.EpochsDone:0.##} epochs; --restart begins anew"));
        }
        if (Train(trainer, request, progress) is not { } result)
        {
            return ExitCodes.Interrupted;
        }
        Graph trained = network.Finished(session, data.Training, scaling);
        OnnxFile.Save(trained, request.Out);
        var outcome = new TrainingOutcome(request, data, trained, epochs, result);
        if (request.Html is not null)
        {
            TrainingPage.Save(outcome, request.Metrics is { } file ? MetricsFile.Read(file) : new MetricsTable(trainer.FurtherMetrics, epochRows), request.Html);
        }
        TrainingOutput.Print(outcome);
        return ExitCodes.Success;
    }

    /// <summary>Trains to the end; null where it was interrupted.</summary>
    private static TrainingResult? Train(Trainer trainer, TrainingRequest request, TrainingProgressLine progress)
    {
        try
        {
            return trainer.Run(Interruption.Token);
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            Console.Error.WriteLine(FormattableString.Invariant($"tandem: interrupted after {trainer.EpochsDone:0.##} epochs; ") + (request.Checkpoint is { } path
                ? $"the same command goes on from '{path}'"
                : "what was trained is lost; --checkpoint FILE keeps it"));
            return null;
        }
        catch (TrainingDivergedException)
        {
            progress.Clear();
            throw;
        }
    }

    /// <summary>The images that a network takes; null where it takes something else, which is refused when both are known.</summary>
    private static ImageShape? ShapeOf(Graph network) => network.Inputs is [{ Shape: [_, var channels and (1 or 3), var height, var width] }]
        ? new ImageShape((int)channels, (int)height, (int)width)
        : null;

    /// <summary>Shapes that the program draws lie anywhere and at any angle already; small pictures are moved and mirrored.</summary>
    private static Augmentation AugmentationOf(LabelledData data, PixelScaling scaling) => data.IsProcedural
        ? Augmentation.None(scaling)
        : Augmentation.CropAndFlip(scaling, border: Math.Max(1, data.Training.Shape.Height / 8));

    private static PixelScaling ScalingOf(TrainingRequest request, Graph loaded, ILabelledImages images)
    {
        if (request.Pixels is { } name && name != "data")
        {
            return PixelScaling.Named(name);
        }
        ProgressiveDescription? known = request.DrawsWeights || request.Pixels is not null ? null : ProgressiveDescription.Of(loaded);
        return known is { Means.Count: > 0 } && known.Means.Count == known.StandardDeviations.Count && known.Means.Count == images.Shape.Channels
            ? new PixelScaling("data", 1f / byte.MaxValue, known.Means, known.StandardDeviations)
            : ChannelStatistics.Of(images);
    }
}
