using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Planning;
using Tandem.Planning.Policies;

namespace Tandem.Cli.Commands;

/// <summary>'tandem plan': makes a plan and shows or saves it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var network = new NetworkOptions(json: "Print the plan as JSON.", plansStreams: true);
        var policy = PolicyOptions.One();
        var outFile = new Option<string>("--out") { Description = "Write the plan there as JSON, for 'tandem run --plan'." };
        var html = new Option<string>("--html") { Description = "Write a self-contained page with the network and the predicted timeline." };
        var command = new Command("plan", "Decide which part of a network runs where, without running it for you.");
        network.AddTo(command);
        network.Deployment.AddAccuracyTo(command);
        command.Add(policy);
        command.Add(outFile);
        command.Add(html);
        command.SetAction(parsed => network.Open(parsed, (local, deployed) =>
        {
            bool isJson = parsed.GetValue(network.Json);
            if (network.Deployment.IsThroughput(parsed))
            {
                if (parsed.GetValue(outFile) is not null || parsed.GetValue(html) is not null)
                {
                    throw new TandemException("--out and --html are for the plan of one inference: leave out --objective throughput");
                }
                ShowStream(local, deployed, isJson);
                return ExitCodes.Success;
            }
            string name = parsed.GetValue(policy)!;
            // Before plans are tuned, as the first time; what 8-bit kernels take is measured only then.
            double? coldMs = PolicyRegistry.Find(name).Int8Measurements == Int8Measurements.None ? PlanningTime.Milliseconds(deployed, name) : null;
            Plan plan = deployed.PlanBy(name, Interruption.Token);
            double planningMs = coldMs ?? PlanningTime.Milliseconds(deployed, name);
            if (parsed.GetValue(outFile) is { } path)
            {
                PlanFile.Save(plan, path);
            }
            if (parsed.GetValue(html) is { } page)
            {
                ReportPage.Save(page, local, deployed, plan, null, null);
            }
            Show(plan, deployed, planningMs, isJson);
            return ExitCodes.Success;
        }));
        return command;
    }

    private static void Show(Plan plan, Deployment deployed, double planningMs, bool isJson)
    {
        if (isJson)
        {
            JsonObject json = JsonNode.Parse(PlanFile.ToJson(plan))!.AsObject();
            json["planningMilliseconds"] = Json.Number(planningMs);
            Json.Print(json);
            return;
        }
        PlanTable.Print(plan, deployed.Network, null);
        string energy = plan.PredictedMillijoules is { } millijoules ? $", {Tables.Ms(millijoules)} mJ" : "";
        string error = plan.MeasuredError is { } measured ? $", error {Tables.Error(measured)} measured against float32" : "";
        AnsiConsole.WriteLine($"{plan.Policy}: {Tables.Ms(plan.PredictedMs)} ms{energy} predicted for {plan.Network}{error}");
        AnsiConsole.WriteLine($"planned in {Tables.Ms(planningMs)} ms, without measuring kernels and trying plans");
    }

    private static void ShowStream(LocalDevice local, Deployment deployed, bool isJson)
    {
        ThroughputChoice choice = new ThroughputChooser(deployed, local).Choose(Interruption.Token);
        if (isJson)
        {
            Json.Print(new JsonObject
            {
                ["network"] = deployed.Model.Name,
                ["throughputPlan"] = choice.Plan.Name,
                ["predictedPerSecond"] = Json.Number(choice.Plan.PredictedPerSecond),
                ["inferencesPerSecond"] = new JsonObject(choice.PerSecond.Select(
                    way => KeyValuePair.Create<string, JsonNode?>(way.Key, Json.Number(way.Value)))),
                ["lanes"] = new JsonArray([.. choice.Plan.Lanes.Select(lane => JsonNode.Parse(PlanFile.ToJson(lane)))]),
            });
            return;
        }
        foreach (Plan lane in choice.Plan.Lanes)
        {
            PlanTable.Print(lane, deployed.Network, null);
        }
        AnsiConsole.WriteLine(FormattableString.Invariant(
            $"{choice.Plan.Name}: {choice.Plan.PredictedPerSecond:0.0} inferences/s predicted for {deployed.Model.Name}"));
        foreach ((string way, double perSecond) in choice.PerSecond)
        {
            AnsiConsole.WriteLine(FormattableString.Invariant($"{way}: {perSecond:0.0} inferences/s measured"));
        }
    }
}
