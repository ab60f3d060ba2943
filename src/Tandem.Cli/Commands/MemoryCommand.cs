using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Cli.Memory;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Planning;

namespace Tandem.Cli.Commands;

/// <summary>
/// 'tandem memory': what a session holds, for each policy and for plain ONNX Runtime, each in a process of its own; with many runs
/// and several threads also the proof that nothing leaks and no output is wrong.
/// </summary>
internal static class MemoryCommand
{
    private const int InputSeed = 3;

    public static Command Create()
    {
        var model = new ModelOptions();
        var device = new DeviceArguments();
        var deployment = new DeploymentArguments();
        Option<string> policies = PolicyOptions.Several();
        var runs = new Option<int>("--runs") { Description = "Inferences after the warm-up.", DefaultValueFactory = _ => 20 };
        var threads = new Option<int>("--threads") { Description = "Threads that run them.", DefaultValueFactory = _ => 1 };
        var still = new Option<bool>("--no-adapting")
        {
            Description = "Keep to the plan when processors become slower; else a session also holds what it changes to.",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var measure = new Option<string>("--measure") { Description = "The folder of one process's measurement.", Hidden = true };
        var command = new Command("memory", "Measure the memory of sessions, and that it stays as it is: each in its own process.");
        model.AddTo(command);
        device.AddTo(command);
        deployment.AddTo(command);
        foreach (Option option in new Option[] { policies, runs, threads, still, json, measure })
        {
            command.Add(option);
        }
        command.SetAction(parsed =>
        {
            int runCount = RunCounts.Runs(parsed.GetValue(runs));
            int threadCount = RunCounts.Threads(parsed.GetValue(threads));
            bool adapts = !parsed.GetValue(still);
            if (parsed.GetValue(measure) is { } folder)
            {
                using var shared = new MeasurementFolder(folder);
                var measurement = new MemoryMeasurement(shared, runCount, threadCount, adapts);
                Console.Out.WriteLine(measurement.Run(() => device.Open(parsed)).ToJson().ToJsonString());
                return ExitCodes.Success;
            }
            Graph graph = model.Load(parsed);
            IReadOnlyList<string> names = PolicyOptions.Parse(parsed.GetValue(policies)!);
            string[] adapting = adapts ? [] : [still.Name];
            string[] options = [.. device.Repeat(parsed), runs.Name, $"{runCount}", threads.Name, $"{threadCount}", .. adapting];
            List<MemoryReading> readings = Measure(graph, Plans(graph, names, device, deployment, parsed), options);
            Print(graph, readings, parsed.GetValue(json));
            return readings.All(r => r.WrongOutputs == 0) ? ExitCodes.Success : ExitCodes.WrongOutput;
        });
        return command;
    }

    /// <summary>Measures plain ONNX Runtime, then every plan.</summary>
    private static List<MemoryReading> Measure(Graph graph, List<Plan> plans, string[] options)
    {
        var reference = new ReferenceRun(graph, new Dictionary<string, byte[]>(), InputSeed);
        using MeasurementFolder folder = MeasurementFolder.Of(graph, reference);
        return [folder.Measure("onnxruntime", null, options), .. plans.Select(plan => folder.Measure(plan.Policy, plan, options))];
    }

    private static List<Plan> Plans(
        Graph graph, IReadOnlyList<string> policies, DeviceArguments device, DeploymentArguments deployment, ParseResult parsed)
    {
        using LocalDevice local = device.Open(parsed);
        using var deployed = new Deployment(graph, local, deployment.Read(parsed, DeploymentArguments.ProgressFor(true)));
        List<Plan> plans = [];
        foreach (string policy in policies)
        {
            try
            {
                plans.Add(deployed.PlanBy(policy, Interruption.Token));
            }
            catch (PlanException e)
            {
                Console.Error.WriteLine($"tandem: {policy} left out: {e.Message}");
            }
        }
        return plans;
    }

    private static void Print(Graph graph, List<MemoryReading> readings, bool isJson)
    {
        MemoryRequirement required = MemoryRequirement.Of(graph);
        if (isJson)
        {
            Json.Print(new JsonObject
            {
                ["model"] = graph.Name,
                ["weightBytes"] = required.WeightBytes,
                ["activationBytes"] = required.ActivationBytes,
                ["sessions"] = new JsonArray([.. readings.Select(r => (JsonNode)r.ToJson())]),
            });
            return;
        }
        AnsiConsole.WriteLine(
            $"{graph.Name}: {Mb(required.WeightBytes)} MB of weights, {Mb(required.ActivationBytes)} MB of activations, {readings[0].Runs} runs");
        Table table = Tables.New(
            "session", "resident MB", "of it files", "over plain", "/ (weights + activations)", "the same without files", "peak MB", "growth MB",
            "managed B/run", "wrong");
        foreach (MemoryReading r in readings)
        {
            double extra = r.ResidentBytes - readings[0].ResidentBytes;
            double extraOfFiles = r.FileBytes - readings[0].FileBytes;
            double needed = required.WeightBytes + required.ActivationBytes;
            table.AddRow(
                Markup.Escape(r.Session),
                Mb(r.ResidentBytes),
                Mb(r.FileBytes),
                Mb(extra),
                Tables.Ratio(extra / needed),
                Tables.Ratio((extra - extraOfFiles) / needed),
                Mb(r.PeakBytes),
                Mb(r.GrowthBytes),
                (r.ManagedBytes / r.Runs).ToString(CultureInfo.InvariantCulture),
                r.WrongOutputs.ToString(CultureInfo.InvariantCulture));
        }
        AnsiConsole.Write(table);
    }

    private static string Mb(double bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
}
