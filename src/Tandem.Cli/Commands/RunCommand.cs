using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Execution.Exits;
using Tandem.Learning.Images;
using Tandem.Planning;
using Tandem.Planning.Policies;

namespace Tandem.Cli.Commands;

/// <summary>'tandem run': the main job. Profiles, plans, runs on all processors, and proves the outputs right.</summary>
internal static class RunCommand
{
    private const int InputSeed = 3;
    private const string DefaultPage = "tandem-report.html";

    public static Command Create()
    {
        var options = new RunOptionsSet();
        var command = new Command(
            "run", "Run a network on every processor at once, compare with the plain plans, and check the outputs. "
            + $"Without a model: the built-in default network on the built-in picture, drawn in {DefaultPage}.");
        options.AddTo(command);
        command.SetAction(parsed => Run(parsed, options));
        return command;
    }

    private static int Run(ParseResult parsed, RunOptionsSet options)
    {
        int warmUps = RunCounts.WarmUps(parsed.GetValue(options.WarmUps));
        int runs = RunCounts.Runs(parsed.GetValue(options.Runs));
        return options.Network.Open(parsed, (local, deployed) => Run(parsed, options, local, deployed, warmUps, runs));
    }

    private static int Run(
        ParseResult parsed, RunOptionsSet options, LocalDevice local, Deployment deployed, int warmUps, int runs)
    {
        ExitThresholds? thresholds = options.Exits.Read(parsed, deployed.Model);
        bool isJson = parsed.GetValue(options.Network.Json);
        bool isDefault = parsed.GetValue(options.Network.Model.Model) is null;
        RgbImage? sample = isDefault ? SampleImage.Read() : null;
        var reference = new ReferenceRun(deployed.Model, options.Image.Inputs(parsed, deployed.Model, sample), InputSeed);
        string chosen = ChosenPolicy(parsed, options, deployed);
        var benchmark = new PolicyBenchmark(deployed, reference, options.Network.Device.Repeat(parsed), warmUps, runs);
        BenchmarkResult result = benchmark.Run(Compared(chosen, local), LeftOut, Interruption.Token);
        PolicyResult main = result.Policies.FirstOrDefault(p => p.Policy == chosen)
            ?? throw new TandemException($"policy '{chosen}' has no plan for '{deployed.Model.Name}' on this device");
        var outputs = deployed.Run(main.Plan, reference.Feed);
        ExitRun? exit = thresholds is null
            ? null
            : ExitRun.Measure(deployed, main.Plan, reference, thresholds, warmUps, Math.Max(runs, result.Runs), Interruption.Token);
        string? image = options.Image.WriteOutput(parsed, deployed.Model, name => outputs[name]);
        string? page = parsed.GetValue(options.Html) ?? (isDefault && !isJson ? DefaultPage : null);
        if (page is not null)
        {
            // The first run shows what cooperation looks like, also where a plain plan is chosen.
            PolicyResult drawn = isDefault ? result.Policies.FirstOrDefault(p => p.Policy == PolicyNames.Segments) ?? main : main;
            ReportPage.Save(page, local, deployed, drawn.Plan, drawn, result);
        }
        if (isJson)
        {
            Json.Print(RunJson.Of(result, main, deployed, outputs, exit));
        }
        else
        {
            RunText.Print(result, main, deployed, outputs, exit, [.. new[] { image, page }.OfType<string>()]);
        }
        double budget = options.Network.Deployment.AccuracyBudget(parsed);
        return result.Policies.All(p => p.MaxRelativeError <= Allowed(p.Plan, deployed, budget)) ? ExitCodes.Success : ExitCodes.WrongOutput;
    }

    /// <summary>
    /// How far a plan's outputs may be from ONNX Runtime's. A plan that was made for a budget of error keeps to it; what one does that is
    /// 8-bit by its policy's name is shown, and never wrong.
    /// </summary>
    private static double Allowed(Plan plan, Deployment deployed, double budget)
    {
        double tolerance = Tolerance.For(deployed.Model);
        return !plan.IsQuantized ? tolerance
            : plan.MeasuredError is null || budget == 0 ? double.PositiveInfinity
            : Math.Max(tolerance, budget);
    }

    /// <summary>The plain plans, the cooperative plan that the choice is made from, and the chosen one.</summary>
    private static string[] Compared(string chosen, LocalDevice device)
    {
        bool isChoice = chosen == PolicyNames.Tandem && device.Cooperating.Count > 1;
        string[] cooperative = isChoice ? [PolicyNames.Segments] : [];
        return [.. new[] { PolicyNames.OrtAllCores, PolicyNames.Cpu, PolicyNames.Gpu }.Concat(cooperative).Append(chosen).Distinct()];
    }

    private static string ChosenPolicy(ParseResult parsed, RunOptionsSet options, Deployment deployed)
    {
        if (parsed.GetValue(options.Plan) is not { } path)
        {
            return PolicyRegistry.Find(parsed.GetValue(options.Policy)!).Name;
        }
        Plan plan = PlanFile.Load(path);
        deployed.Adopt(plan);
        return plan.Policy;
    }

    private static void LeftOut(string policy, string reason) => Console.Error.WriteLine($"tandem: {policy} left out: {reason}");
}
