using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Prediction.Store;

namespace Tandem.Cli.Commands;

/// <summary>'tandem profile': measures a network's kernels, or kernels of random sizes, on each processor.</summary>
internal static class ProfileCommand
{
    public static Command Create()
    {
        var network = new NetworkOptions(isModelRequired: false);
        var sampling = new SamplingArguments();
        var command = new Command(
            "profile",
            "Measure a network's kernels on each processor, and what lies between processors. With --configurations, kernels of random "
            + "sizes instead, from which those of any network can be estimated.");
        network.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(parsed => sampling.IsAsked(parsed, parsed.GetValue(network.Model.Model))
            ? sampling.Run(parsed, network)
            : network.Open(parsed, (_, deployed) => Profile(deployed, parsed.GetValue(network.Json))));
        return command;
    }

    private static int Profile(Deployment deployed, bool json)
    {
        deployed.EnsureProfiled(Interruption.Token);
        if (json)
        {
            Json.Print(ToJson(deployed));
        }
        else
        {
            Print(deployed);
        }
        return ExitCodes.Success;
    }

    private static JsonObject ToJson(Deployment deployed) => new()
    {
        ["model"] = deployed.Model.Name,
        ["samples"] = new JsonArray([.. Samples(deployed).Select(s => (JsonNode)new JsonObject
        {
            ["processor"] = s.ProcessorKey,
            ["kernel"] = s.KernelDescription.Split('|')[0],
            ["signature"] = s.KernelSignature,
            ["medianMs"] = Json.Number(s.MedianMilliseconds),
            ["p10Ms"] = Json.Number(s.P10Milliseconds),
            ["p90Ms"] = Json.Number(s.P90Milliseconds),
            ["runs"] = s.RunCount,
        })]),
        ["costs"] = new JsonArray([.. deployed.Profile.Costs.Select(c => (JsonNode)new JsonObject
        {
            ["subject"] = c.Subject,
            ["name"] = c.Name,
            ["value"] = Json.Number(c.Value),
            ["unit"] = c.Unit,
        })]),
    };

    private static IEnumerable<Sample> Samples(Deployment deployed)
    {
        SliceKeys keys = deployed.Problem.Predictor.Keys;
        HashSet<string> own = [keys.Whole, .. deployed.Network.Kernels.Select(k => keys.Of(new KernelRange(k.Index, k.Index + 1)))];
        return deployed.Profile.Samples.Where(s => own.Contains(s.KernelSignature));
    }

    private static void Print(Deployment deployed)
    {
        PlanProcessor[] processors = [.. deployed.Problem.Cooperating];
        Table table = Tables.New(["kernel", "count", .. processors.Select(p => $"{p.Name} ms")]);
        SliceKeys keys = deployed.Problem.Predictor.Keys;
        foreach (IGrouping<string, Kernel> type in deployed.Network.Kernels.GroupBy(k => k.Type))
        {
            IEnumerable<string> sums = processors.Select(p => SumMs(deployed.Profile, p, keys, type));
            table.AddRow([Markup.Escape(type.Key), type.Count().ToString(CultureInfo.InvariantCulture), .. sums]);
        }
        IEnumerable<string> whole = processors.Select(p =>
            deployed.Profile.Find(p.Key, keys.Whole) is { } sample ? Tables.Ms(sample.MedianMilliseconds) : "refused");
        table.AddRow(["whole network", "", .. whole]);
        AnsiConsole.Write(table);
        Table costs = Tables.New("between processors", "value", "unit");
        foreach (Measurement cost in deployed.Profile.Costs.Where(c => !CostNames.IsOfTuning(c.Name) && !CostNames.IsOfSampling(c.Name)))
        {
            costs.AddRow(Markup.Escape($"{cost.Name} ({cost.Subject})"), Tables.Ms(cost.Value), cost.Unit);
        }
        AnsiConsole.Write(costs);
    }

    private static string SumMs(Prediction.Profile profile, PlanProcessor processor, SliceKeys keys, IEnumerable<Kernel> kernels)
    {
        double sum = 0;
        foreach (Kernel kernel in kernels)
        {
            if (profile.Find(processor.Key, keys.Of(new KernelRange(kernel.Index, kernel.Index + 1))) is not { } sample)
            {
                return "refused";
            }
            sum += sample.MedianMilliseconds;
        }
        return Tables.Ms(sum);
    }
}
