using System.CommandLine;
using Spectre.Console;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Planning;

namespace Tandem.Cli.Commands;

/// <summary>'tandem plan': makes a plan and shows or saves it.</summary>
internal static class PlanCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var device = new DeviceArguments();
        var deployment = new DeploymentArguments();
        var policy = PolicyOptions.One();
        var outFile = new Option<string>("--out") { Description = "Write the plan there as JSON, for 'tandem run --plan'." };
        var html = new Option<string>("--html") { Description = "Write a self-contained page with the network and the predicted timeline." };
        var json = new Option<bool>("--json") { Description = "Print the plan as JSON." };
        var command = new Command("plan", "Decide which part of a network runs where, without running it for you.");
        model.AddTo(command);
        device.AddTo(command);
        deployment.AddTo(command);
        command.Add(policy);
        command.Add(outFile);
        command.Add(html);
        command.Add(json);
        command.SetAction(parsed =>
        {
            bool isJson = parsed.GetValue(json);
            using LocalDevice local = device.Open(parsed);
            using var deployed = new Deployment(
                model.Load(parsed), local, deployment.Read(parsed, DeploymentArguments.ProgressFor(isJson)));
            Plan plan = deployed.PlanBy(parsed.GetValue(policy)!, Interruption.Token);
            if (parsed.GetValue(outFile) is { } path)
            {
                PlanFile.Save(plan, path);
            }
            if (parsed.GetValue(html) is { } page)
            {
                ReportPage.Save(page, local, deployed, plan, null, null);
            }
            if (isJson)
            {
                Console.Out.WriteLine(PlanFile.ToJson(plan));
            }
            else
            {
                PlanTable.Print(plan, deployed.Network, null);
                AnsiConsole.WriteLine($"{plan.Policy}: {Tables.Ms(plan.PredictedMs)} ms predicted for {plan.Network}");
            }
            return ExitCodes.Success;
        });
        return command;
    }
}
