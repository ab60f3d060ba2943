using System.Text.Json.Nodes;
using System.Xml.Linq;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Tests;

namespace Tandem.Cli.Tests.Commands;

/// <summary>'tandem progressive calibrate' and 'inspect', on a network with random weights.</summary>
public sealed class CalibrateCommandTests : IDisposable
{
    private readonly TandemCommand _tandem = new();

    public CalibrateCommandTests() => _tandem.Write("net.onnx", OnnxFile.Serialize(SmallProgressiveNetwork.Make()));

    public void Dispose() => _tandem.Dispose();

    [Fact]
    public void What_calibrate_keeps_inspect_shows()
    {
        TandemCommand.Result calibrated = _tandem.Run(
            "progressive", "calibrate", "net.onnx", "--data", "procedural", "--temperature", "--per-exit", "--json");
        Assert.True(calibrated.ExitCode == 0, calibrated.Error);
        TandemCommand.Result inspected = _tandem.Run("progressive", "inspect", "net.onnx", "--json", "--html", "page.html");
        Assert.True(inspected.ExitCode == 0, inspected.Error);

        Assert.Equal(calibrated.Output, inspected.Output);
        JsonNode calibration = inspected.Json["calibration"]!;
        Assert.Equal(1000, (int)calibration["images"]!);
        Assert.Equal(1000, (int)calibration["testImages"]!);
        Assert.Equal("procedural, test", (string)calibration["data"]!);
        Assert.All(calibration["points"]!.AsArray(), point => Assert.Equal(1, point!["shares"]!.AsArray().Sum(share => (double)share!), 3));
        Assert.Contains(calibration["points"]!.AsArray(), point => (bool)point!["isOnParetoFront"]!);
        Assert.Equal(["net.onnx", "page.html"], _tandem.Files);
        Assert.False(_tandem.HasProfile, "nothing is measured unless latency is asked for");

        XNamespace html = "http://www.w3.org/1999/xhtml";
        XElement page = XDocument.Parse(_tandem.Read("page.html")).Root!;
        Assert.Equal(
            ["accuracy-by-cost", "shares", "reliability"], page.Descendants(html + "figure").Select(figure => (string)figure.Attribute("id")!));
        Assert.Equal(["exits", "plots", "points", "per-exit"], page.Descendants(html + "section").Select(s => (string)s.Attribute("id")!));
    }

    [Fact]
    public void Another_file_leaves_the_model_as_it_is_and_tables_are_for_people()
    {
        TandemCommand.Result result = _tandem.Run(
            "progressive", "calibrate", "net.onnx", "--data", "procedural", "--split", "1", "--out", "out.onnx");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("of the network's multiply-accumulates", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("other images", result.Output, StringComparison.Ordinal);
        TandemCommand.Result untouched = _tandem.Run("progressive", "inspect", "net.onnx");
        Assert.Equal(0, untouched.ExitCode);
        Assert.Contains("tandem progressive calibrate", untouched.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Latency_is_predicted_where_it_is_asked_for()
    {
        TandemCommand.Result result = _tandem.Run(
            "progressive", "calibrate", "net.onnx", "--data", "procedural", "--latency", "--gpu", "none", "--no-cpu-opencl", "--cpu-cores", "0",
            "--power", "cpu=4:1", "--json");

        Assert.True(result.ExitCode == 0, result.Error);
        JsonNode cpu = result.Json["calibration"]!["chosen"]!["processors"]!["cpu"]!;
        Assert.True((double)cpu["milliseconds"]! > 0);
        Assert.Equal(4 * (double)cpu["milliseconds"]!, (double)cpu["millijoules"]!, 2);
    }

    [Theory]
    [InlineData("there are no data 'nowhere'", "--data", "nowhere")]
    [InlineData("--part half", "--data", "procedural", "--part", "half")]
    [InlineData("--split 0", "--data", "procedural", "--split", "0")]
    [InlineData("--max-loss -1", "--data", "procedural", "--max-loss", "-1")]
    public void Options_that_mean_nothing(string advice, params string[] options) =>
        RequireRefused(advice, ["progressive", "calibrate", "net.onnx", .. options]);

    [Fact]
    public void Labels_out_of_range_and_classes_that_the_network_lacks()
    {
        string pixels = string.Join(',', Enumerable.Repeat("7", 3072));
        string header = $"label,{string.Join(',', Enumerable.Range(0, 3072).Select(i => $"p{i}"))}\n";
        _tandem.Write("two.csv", System.Text.Encoding.UTF8.GetBytes(header + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i % 2},{pixels}\n"))));
        _tandem.Write("far.csv", System.Text.Encoding.UTF8.GetBytes($"{header}0,{pixels}\n99,{pixels}\n"));

        RequireRefused("2 classes", "progressive", "calibrate", "net.onnx", "--data", "two.csv", "--part", "all");
        RequireRefused("label '99'", "progressive", "calibrate", "net.onnx", "--data", "far.csv");
    }

    [Fact]
    public void Models_without_exits_with_damaged_ones_or_that_are_not_there()
    {
        _tandem.Write("plain.onnx", TandemCommand.SmallModel());
        Graph graph = SmallProgressiveNetwork.Make();
        var damaged = new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)], graph.Operators, graph.Constants.Values)
        {
            Metadata = new Dictionary<string, string> { [ProgressiveDescription.MetadataKey] = "{" },
        };
        _tandem.Write("damaged.onnx", OnnxFile.Serialize(damaged));
        foreach (string[] command in new[] { ["inspect"], new[] { "calibrate", "--data", "procedural" } })
        {
            RequireRefused("without exits", ["progressive", .. command, "plain.onnx"]);
            RequireRefused("damaged", ["progressive", .. command, "damaged.onnx"]);
            RequireRefused("missing.onnx", ["progressive", .. command, "missing.onnx"]);
        }
    }

    private void RequireRefused(string part, params string[] arguments)
    {
        byte[] before = _tandem.ReadBytes("net.onnx");
        TandemCommand.Result result = _tandem.Run(arguments);
        Assert.True(result.ExitCode == 2, $"ended with {result.ExitCode}: {result.Error}");
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("tandem: ", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.Equal(before, _tandem.ReadBytes("net.onnx"));
    }
}
