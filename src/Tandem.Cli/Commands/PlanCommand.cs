using System.CommandLine;
using Spectre.Console;
using Tandem.Cli.Output;
using Tandem.Planning;

namespace Tandem.Cli.Commands;

/// <summary>'tandem plan': makes a plan and shows or saves it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var network = new NetworkOptions(json: "Print the plan as JSON.");
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
            Plan plan = deployed.PlanBy(parsed.GetValue(policy)!, Interruption.Token);
            if (parsed.GetValue(outFile) is { } path)
            {
                PlanFile.Save(plan, path);
            }
            if (parsed.GetValue(html) is { } page)
            {
                ReportPage.Save(page, local, deployed, plan, null, null);
            }
            if (parsed.GetValue(network.Json))
            {
                Console.Out.WriteLine(PlanFile.ToJson(plan));
            }
            else
            {
                PlanTable.Print(plan, deployed.Network, null);
                string energy = plan.PredictedMillijoules is { } millijoules ? $", {Tables.Ms(millijoules)} mJ" : "";
                string error = plan.MeasuredError is { } measured ? $", error {Tables.Error(measured)} measured against float32" : "";
                AnsiConsole.WriteLine($"{plan.Policy}: {Tables.Ms(plan.PredictedMs)} ms{energy} predicted for {plan.Network}{error}");
            }
            return ExitCodes.Success;
        }));
        return command;
    }
}
