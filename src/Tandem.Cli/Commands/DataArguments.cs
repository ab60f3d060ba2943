using System.CommandLine;
using Tandem.Cli.Data;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Data;
using Tandem.Learning.Images;
using Tandem.Progressive.Evaluation;

namespace Tandem.Cli.Commands;

/// <summary>The options by which a command gets the labelled images that it runs a trained network on.</summary>
internal sealed class DataArguments
{
    private const int DefaultCalibration = 256;
    private const string FromTraining = "data";

    private readonly Option<string> _data = new("--data") { Description = $"Labelled images: {LabelledData.Kinds}.", Required = true };

    private readonly Option<string?> _pixels = new("--pixels")
    {
        Description = $"How pixels become numbers: {FromTraining} (mean 0 and deviation 1 over the training part), "
            + $"{string.Join(", ", PixelScaling.All.Select(scaling => scaling.Name))}. Default: what the network's file says, else {FromTraining}.",
    };

    private readonly Option<int?> _calibration = new("--calibrate")
    {
        Description = $"Images of the training part to calibrate 8-bit ranges with. Default: {DefaultCalibration}, or as many as there are.",
    };

    private readonly Option<int?> _images = new("--images") { Description = "Images of the test part to run, drawn by seed. Default: all." };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "Says which images are drawn, and which are for testing where the data are not divided: give that of the training.",
        DefaultValueFactory = _ => 1,
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _data, _pixels, _calibration, _images, _seed })
        {
            command.Add(option);
        }
    }

    /// <summary>Opens the data for a network.</summary>
    /// <exception cref="TandemException">There are none, the network cannot classify them, or too many are asked for.</exception>
    public EvaluationData Open(ParseResult parsed, Graph model)
    {
        var classification = Classification.Of(model);
        ulong seed = parsed.GetValue(_seed);
        LabelledData data = LabelledData.Open(parsed.GetValue(_data)!, classification.ImageShape, seed);
        foreach (string notice in data.Notices)
        {
            Console.Error.WriteLine($"tandem: {notice}");
        }
        PixelScaling scaling = Scaling(parsed, model, data.Training);
        int count = parsed.GetValue(_calibration) ?? Math.Min(DefaultCalibration, data.Training.Count);
        return new EvaluationData(
            classification,
            new CalibrationSet(data.Training, scaling, count, seed),
            new AccuracyEvaluator(classification, Test(parsed, data.Validation, seed), scaling),
            scaling);
    }

    private ILabelledImages Test(ParseResult parsed, ILabelledImages all, ulong seed)
    {
        if (parsed.GetValue(_images) is not { } count)
        {
            return all;
        }
        if (count < 1 || count > all.Count)
        {
            throw new TandemException($"--images {count}: give 1 to {all.Count}, as many as the test part has");
        }
        int[] indices = [.. Enumerable.Range(0, all.Count)];
        new RandomSequence(seed).Shuffle(indices);
        return new ImageSubset(all, indices[..count]);
    }

    private PixelScaling Scaling(ParseResult parsed, Graph model, ILabelledImages training)
    {
        string? name = parsed.GetValue(_pixels);
        if (name is not null && name != FromTraining)
        {
            return PixelScaling.Named(name);
        }
        return name is null && ProgressiveDescription.Of(model) is { Means.Count: > 0, StandardDeviations.Count: > 0 } known
            ? new PixelScaling("file", 1f / byte.MaxValue, known.Means, known.StandardDeviations)
            : ChannelStatistics.Of(training);
    }
}

/// <summary>What a network is calibrated with and judged by.</summary>
/// <param name="Classification">What of the network is used.</param>
/// <param name="Calibration">Images of the training part.</param>
/// <param name="Evaluator">The test part.</param>
/// <param name="Scaling">What the network expects pixels to be.</param>
internal sealed record EvaluationData(
    Classification Classification, CalibrationSet Calibration, AccuracyEvaluator Evaluator, PixelScaling Scaling);
