using System.Text.Json.Nodes;

namespace Tandem.Cli.Tests.Commands;

/// <summary>'tandem quantize' and 'tandem accuracy' as a user runs them.</summary>
public sealed class QuantizeTests : IDisposable
{
    private readonly TandemCommand _tandem = new();

    public void Dispose() => _tandem.Dispose();

    [Fact]
    public void Quantize_writes_a_file_and_tells_both_accuracies()
    {
        TandemCommand.Result result = Quantize("resnet20", "--calibrate", "8", "--images", "40", "--method", "percentile", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        JsonNode json = result.Json;
        Assert.Equal("percentile", (string)json["method"]!);
        Assert.Equal(8, (int)json["calibrationImages"]!);
        Assert.Equal(40, (int)json["int8"]!["images"]!);
        Assert.InRange((double)json["int8"]!["agreement"]!, 0.8, 1);
        Assert.True((long)json["int8Bytes"]! * 3 < (long)json["fp32Bytes"]!);
        Assert.Equal(
            (double)json["int8"]!["top1"]! - (double)json["fp32"]!["top1"]!, (double)json["accuracyDifference"]!, 6);
        Assert.Equal(["resnet20-int8.onnx"], _tandem.Files);
    }

    [Fact]
    public void Accuracy_has_a_row_for_each_way_to_run_the_network()
    {
        TandemCommand.Result result = _tandem.Run(
            "accuracy", "resnet20", "--data", "procedural", "--calibrate", "4", "--images", "20", "--policies", "cpu", "--runs", "2",
            "--gpu", "none", "--no-cpu-opencl", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        JsonArray rows = result.Json["results"]!.AsArray();
        Assert.Equal(["onnxruntime-fp32", "onnxruntime-int8", "cpu"], rows.Select(row => (string)row!["name"]!));
        Assert.Equal(1, (double)rows[2]!["agreement"]!);
        Assert.All(rows, row => Assert.True((double)row!["medianMs"]! > 0));
    }

    [Theory]
    [InlineData("--calibrate", "0", "give 1 to")]
    [InlineData("--images", "0", "give 1 to")]
    [InlineData("--method", "best", "minmax, percentile, mse, entropy")]
    [InlineData("--percentile", "20", "more than 50")]
    [InlineData("--format", "tflite", "qdq or qoperator")]
    [InlineData("--reduce-range", "some", "auto, always or never")]
    [InlineData("--pixels", "red", "imagenet")]
    public void Options_out_of_range_are_refused(string option, string value, string advice) =>
        RequireRefused(advice, Quantize("resnet20", option, value));

    [Fact]
    public void Data_that_are_not_there_and_other_classes_are_refused()
    {
        RequireRefused("no data 'nowhere'", _tandem.Run("quantize", "resnet20", "--data", "nowhere"));
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused("score for each class", _tandem.Run("quantize", "small.onnx", "--data", "procedural"));
    }

    private TandemCommand.Result Quantize(string model, params string[] options) =>
        _tandem.Run(["quantize", model, "--data", "procedural", .. options]);

    private static void RequireRefused(string part, TandemCommand.Result result)
    {
        Assert.True(result.ExitCode == 2, $"ended with {result.ExitCode}: {result.Error}");
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("tandem: ", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
    }
}
