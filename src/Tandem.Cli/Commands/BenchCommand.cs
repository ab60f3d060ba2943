using System.CommandLine;
using System.Text.Json.Nodes;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs.Networks;

namespace Tandem.Cli.Commands;

/// <summary>'tandem bench': measures policies against each other, in turns, in one run.</summary>
internal static class BenchCommand
{
    private const int InputSeed = 3;

    public static Command Create()
    {
        var models = new Argument<string[]>("models")
        {
            Description = $"ONNX files, or built-in networks: {string.Join(", ", ModelZoo.Names)}. Default: all built-in ones.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var model = new ModelOptions();
        var device = new DeviceArguments();
        var deployment = new DeploymentArguments();
        var policies = PolicyOptions.Several();
        var runs = new Option<int?>("--runs") { Description = "Counted rounds. Default: 15, more for networks of a few milliseconds." };
        var warmUps = new Option<int>("--warm-ups") { Description = "Rounds that are not counted.", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "Print JSON: an array with one object per model." };
        var throughput = new Option<bool>("--throughput")
        {
            Description = "Measure inferences per second too, several in flight at once.",
        };
        var command = new Command("bench", "Measure policies against each other: interleaved in one run, medians and ratios.") { models };
        model.AddTo(command, withModel: false);
        device.AddTo(command);
        deployment.AddTo(command);
        deployment.AddAccuracyTo(command);
        command.Add(policies);
        command.Add(runs);
        command.Add(warmUps);
        command.Add(throughput);
        command.Add(json);
        command.SetAction(parsed =>
        {
            bool isJson = parsed.GetValue(json);
            IReadOnlyList<string> names = PolicyOptions.Parse(parsed.GetValue(policies)!);
            string[] asked = parsed.GetValue(models)!;
            using LocalDevice local = device.Open(parsed);
            DeploymentOptions options = deployment.Read(parsed, DeploymentArguments.ProgressFor(isJson));
            var results = new JsonArray();
            foreach (string name in asked.Length > 0 ? asked : [.. ModelZoo.Names])
            {
                using var deployed = new Deployment(model.Load(parsed, name), local, options);
                var reference = new ReferenceRun(deployed.Model, new Dictionary<string, byte[]>(), InputSeed);
                var benchmark = new PolicyBenchmark(
                    deployed, reference, device.Repeat(parsed), RunCounts.WarmUps(parsed.GetValue(warmUps)), parsed.GetValue(runs) is { } rounds ? RunCounts.Runs(rounds) : null);
                BenchmarkResult result = benchmark.Run(names, LeftOut, Interruption.Token);
                IReadOnlyList<ThroughputResult> ways = parsed.GetValue(throughput)
                    ? new ThroughputBenchmark(deployed, local, reference).Run(Interruption.Token)
                    : [];
                if (isJson)
                {
                    results.Add(BenchmarkJson.Of(result, ways));
                }
                else
                {
                    BenchmarkTable.Print(result);
                    ThroughputTable.Print(ways);
                }
            }
            if (isJson)
            {
                Json.Print(results);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static void LeftOut(string policy, string reason) => Console.Error.WriteLine($"tandem: {policy} left out: {reason}");
}
