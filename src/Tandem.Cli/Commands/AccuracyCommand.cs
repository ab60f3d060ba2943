using System.CommandLine;
using System.Text.Json.Nodes;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs;

namespace Tandem.Cli.Commands;

/// <summary>'tandem accuracy': what plans do to accuracy, on labelled images, beside plain ONNX Runtime in float32 and in 8 bits.</summary>
internal static class AccuracyCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var data = new DataArguments();
        var quantization = new QuantizationArguments(writesFile: false);
        var device = new DeviceArguments();
        var deployment = new DeploymentArguments();
        var policies = PolicyOptions.Several();
        policies.DefaultValueFactory = _ => "cpu,mulayer,mulayer-int8,tandem";
        var runs = new Option<int>("--runs") { Description = "Counted rounds of the latencies.", DefaultValueFactory = _ => 31 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "accuracy", "Run labelled images by each policy's plan, and by plain ONNX Runtime in float32 and in 8 bits: accuracy beside latency.");
        model.AddTo(command);
        data.AddTo(command);
        quantization.AddTo(command);
        device.AddTo(command);
        deployment.AddTo(command);
        deployment.AddAccuracyTo(command);
        command.Add(policies);
        command.Add(runs);
        command.Add(json);
        command.SetAction(parsed =>
        {
            bool isJson = parsed.GetValue(json);
            int rounds = RunCounts.Runs(parsed.GetValue(runs));
            IReadOnlyList<string> names = PolicyOptions.Parse(parsed.GetValue(policies)!);
            Graph graph = model.Load(parsed);
            EvaluationData labelled = data.Open(parsed, graph);
            var accuracy = new PolicyAccuracy(labelled, quantization.Method(parsed), quantization.Options(parsed), rounds);
            using LocalDevice local = device.Open(parsed);
            using var deployed = new Deployment(
                graph, local,
                deployment.Read(parsed, DeploymentArguments.ProgressFor(isJson)) with { Calibration = [.. labelled.Calibration.Inputs()] });
            using var progress = new CountLine(isJson);
            IReadOnlyList<AccuracyResult> results = accuracy.Measure(deployed, names, LeftOut, progress, Interruption.Token);
            Print(graph.Name, labelled, results, isJson);
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Print(string model, EvaluationData data, IReadOnlyList<AccuracyResult> results, bool isJson)
    {
        int classes = data.Classification.ClassCount;
        if (!isJson)
        {
            AccuracyOutput.Print(
                $"{model}, {results[0].Score.Images} test images; 8-bit ranges from {data.Calibration.Count} others", classes, results);
            return;
        }
        Json.Print(new JsonObject
        {
            ["model"] = model,
            ["calibrationImages"] = data.Calibration.Count,
            ["results"] = new JsonArray([.. results.Select(result => AccuracyOutput.Of(result, classes))]),
        });
    }

    private static void LeftOut(string policy, string reason) => Console.Error.WriteLine($"tandem: {policy} left out: {reason}");
}
