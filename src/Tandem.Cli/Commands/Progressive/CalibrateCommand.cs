using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Data;
using Tandem.Progressive.Calibration;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>'tandem progressive calibrate': finds thresholds on labelled images and keeps them in the model's file.</summary>
internal static class CalibrateCommand
{
    public static Command Create()
    {
        var options = new CalibrateOptionsSet();
        var command = new Command(
            "calibrate", "Find out what each exit's threshold does to accuracy and cost, choose thresholds, and keep all that in the model's file.");
        options.AddTo(command);
        command.SetAction(parsed => Run(parsed, options));
        return command;
    }

    private static int Run(ParseResult parsed, CalibrateOptionsSet options)
    {
        CalibratorOptions choice = options.Read(parsed);
        string path = parsed.GetValue(options.Model)!;
        var model = ProgressiveModel.Load(path);
        bool isJson = parsed.GetValue(options.Json);
        ProgressiveDescription calibrated = Calibrate(parsed, options, model, choice, isJson);
        if (options.WantsLatency(parsed))
        {
            using LocalDevice local = options.Device.Open(parsed);
            IReadOnlyList<ProcessorCost> costs = PrefixCosts.Predict(
                model.Graph, calibrated, local, options.Deployment.Read(parsed, DeploymentArguments.ProgressFor(isJson)), Interruption.Token);
            calibrated = calibrated with { Calibration = calibrated.Calibration! with { Processors = costs } };
        }
        string target = parsed.GetValue(options.Out) ?? path;
        OnnxFile.Save(calibrated.Describe(model.Graph), target);
        var shown = new ProgressiveModel(model.Graph, calibrated);
        if (isJson)
        {
            Json.Print(ProgressiveJson.Of(shown));
        }
        else
        {
            ProgressiveTable.Print(shown);
            Console.Out.WriteLine($"kept in {target}; 'tandem progressive inspect {target} --html FILE' draws it");
        }
        return ExitCodes.Success;
    }

    private static ProgressiveDescription Calibrate(
        ParseResult parsed, CalibrateOptionsSet options, ProgressiveModel model, CalibratorOptions choice, bool isJson)
    {
        using var scorer = new ExitScorer(model.Graph, model.Description);
        (string name, ILabelledImages calibration, ILabelledImages? test) = options.Images(parsed, scorer.Shape);
        IProgress<int>? progress = isJson || Console.IsErrorRedirected
            ? null
            : new ScoringProgressLine(Console.Error, calibration.Count + (test?.Count ?? 0));
        ExitScores chosenBy = scorer.Score(calibration, progress, Interruption.Token);
        ExitScores? proof = test is null ? null : scorer.Score(test, progress, Interruption.Token);
        return Calibrator.Calibrate(model.Graph, model.Description, name, chosenBy, proof, choice);
    }
}
