using System.CommandLine;
using System.Text.Json.Nodes;
using Spectre.Console;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Cli.Commands;

/// <summary>'tandem devices': what there is to run on.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var device = new DeviceArguments();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("devices", "List this device's processors and what they are.");
        device.AddTo(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            using LocalDevice local = device.Open(parsed);
            if (parsed.GetValue(json))
            {
                Json.Print(ToJson(local));
            }
            else
            {
                Print(local);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static JsonObject ToJson(LocalDevice local) => new()
    {
        ["processors"] = new JsonArray([.. local.All.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = p.Info.Name,
            ["kind"] = p.Info.Kind.ToString().ToLowerInvariant(),
            ["engine"] = p.Info.Engine,
            ["engineVersion"] = p.Info.EngineVersion,
            ["device"] = p.Info.Device,
            ["cores"] = new JsonArray([.. p.Info.Cores.Select(c => (JsonNode)c)]),
            ["threads"] = p.Info.Threads,
            ["cpuBacked"] = p.Info.IsCpuBacked,
            ["halfPrecision"] = p.HasHalfPrecision,
        })]),
        ["executionProviders"] = new JsonArray([.. OrtEnv.Instance().GetAvailableProviders().Select(p => (JsonNode)p)]),
        ["gpuAbsence"] = local.GpuAbsence,
    };

    private static void Print(LocalDevice local)
    {
        Table table = Tables.New("processor", "engine", "device", "cores", "threads");
        foreach (ProcessorInfo info in local.All.Select(p => p.Info))
        {
            table.AddRow(
                Markup.Escape(info.Name),
                Markup.Escape($"{info.Engine} {info.EngineVersion}"),
                Markup.Escape(info.Device + (info.IsCpuBacked ? " (CPU-backed)" : "")),
                info.Cores.Count == 0 ? "any" : string.Join(',', info.Cores),
                info.Threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"execution providers of ONNX Runtime: {string.Join(", ", OrtEnv.Instance().GetAvailableProviders())}");
        if (local.GpuAbsence is { } absence)
        {
            AnsiConsole.WriteLine($"no processor 'gpu': {absence}");
        }
    }
}
