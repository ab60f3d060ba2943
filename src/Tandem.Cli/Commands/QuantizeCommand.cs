using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Prediction;
using Tandem.Progressive.Evaluation;
using Tandem.Progressive.Quantization;

namespace Tandem.Cli.Commands;

/// <summary>'tandem quantize': a trained network in 8 bits as an ONNX file, with what it costs in accuracy.</summary>
internal static class QuantizeCommand
{
    private const int Rounds = 51;

    public static Command Create()
    {
        var model = new ModelOptions();
        var data = new DataArguments();
        var quantization = new QuantizationArguments();
        var file = new Option<string?>("--out") { Description = "The quantised network's file. Default: NETWORK-int8.onnx." };
        var measure = new Option<bool>("--measure") { Description = "Measure latencies too, in turns." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "quantize", "Quantise a trained network to 8 bits without training, calibrated on labelled images, and compare its accuracy with float32's.");
        model.AddTo(command);
        data.AddTo(command);
        quantization.AddTo(command);
        command.Add(file);
        command.Add(measure);
        command.Add(json);
        command.SetAction(parsed =>
        {
            ICalibrationMethod method = quantization.Method(parsed);
            QuantizationOptions options = quantization.Options(parsed);
            QuantizedFormat format = quantization.Format(parsed);
            Graph graph = model.Load(parsed);
            EvaluationData labelled = data.Open(parsed, graph);
            string path = parsed.GetValue(file) ?? $"{graph.Name}-int8.onnx";
            using var progress = new CountLine(parsed.GetValue(json));
            Graph quantized = PostTrainingQuantizer.Quantize(
                graph, labelled.Calibration.Inputs(), method, options,
                done => progress.Report("calibrating", done, labelled.Calibration.Count), Interruption.Token);
            QuantizedFile.Save(quantized, path, format);
            byte[] original = OnnxFile.Serialize(graph);
            AccuracyResult[] results = Compare(
                labelled, original, File.ReadAllBytes(path), parsed.GetValue(measure), progress);
            var report = new QuantizationReport(
                graph.Name, path, original.LongLength, new FileInfo(path).Length, labelled.Calibration.Count, method.Name, results);
            QuantizationOutput.Print(report, labelled.Classification.ClassCount, parsed.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }

    private static AccuracyResult[] Compare(EvaluationData data, byte[] original, byte[] quantized, bool measures, CountLine progress)
    {
        using var single = new SessionClassifier(AccuracyResult.Reference, original, data.Classification);
        using var bytes = new SessionClassifier(AccuracyResult.Int8, quantized, data.Classification);
        SessionClassifier[] both = [single, bytes];
        var scores = data.Evaluator.Evaluate(both, (done, total) => progress.Report("running", done, total), Interruption.Token);
        IReadOnlyList<LatencyStatistics>? latencies = measures ? ClassifierLatencies.Measure(both, Rounds, Interruption.Token) : null;
        return [.. both.Select((classifier, i) => new AccuracyResult(classifier.Name, scores[i], latencies?[i]))];
    }
}
