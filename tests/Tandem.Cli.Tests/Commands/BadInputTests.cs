using Tandem.Graphs;
using Tandem.Graphs.Onnx;

namespace Tandem.Cli.Tests.Commands;

/// <summary>Whatever is wrong: exit code 2, one line that says what, no stack trace, nothing written.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly string[] Quick = ["--gpu", "none", "--runs", "1", "--warm-ups", "0", "--rounds", "0"];

    private readonly TandemCommand _tandem = new();

    public void Dispose() => _tandem.Dispose();

    [Fact]
    public void Missing_file() => RequireRefused("missing.onnx", Run("missing.onnx"));

    [Fact]
    public void File_that_is_not_ONNX()
    {
        _tandem.Write("text.onnx", "This is a text about networks, not a network.\nIt has two lines."u8.ToArray());
        RequireRefused("text.onnx", Run("text.onnx"));
    }

    [Fact]
    public void Empty_file()
    {
        _tandem.Write("empty.onnx", []);
        RequireRefused("empty.onnx", Run("empty.onnx"));
    }

    [Theory]
    [InlineData("--objective", "speed", "latency or energy")]
    [InlineData("--objective", "energy", "--power cpu=")]
    [InlineData("--power", "cpu=fast", "NAME=ACTIVE:IDLE")]
    [InlineData("--power", "cpu=1:2", "NAME=ACTIVE:IDLE")]
    [InlineData("--energy-limit", "-1", "millijoules above 0")]
    public void Objective_that_cannot_be_met(string option, string value, string advice)
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused(advice, Run("small.onnx", option, value, "--policy", "segments"));
    }

    [Fact]
    public void Truncated_file()
    {
        byte[] model = TandemCommand.SmallModel();
        _tandem.Write("half.onnx", model[..(model.Length / 2)]);
        RequireRefused("half.onnx", Run("half.onnx"));
    }

    [Fact]
    public void Unknown_operator()
    {
        byte[] model = TandemCommand.SmallModel();
        // The type is NodeProto's field 4 (tag 0x22) of four bytes; names have a number behind them.
        int place = model.AsSpan().IndexOf("\u0022\u0004Relu"u8) + 2;
        "Rolu"u8.CopyTo(model.AsSpan(place));
        _tandem.Write("rolu.onnx", model);
        RequireRefused("Rolu", Run("rolu.onnx"));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers(float weight)
    {
        _tandem.Write("nan.onnx", TandemCommand.SmallModel(weight));
        RequireRefused("nan.onnx", Run("nan.onnx"));
    }

    [Fact]
    public void Network_that_computes_nothing()
    {
        var input = new Tensor("x", ElementType.Float32, new Shape(4));
        var graph = new Graph("empty", new Dictionary<string, int> { [""] = 13 }, [input], ["x"], [], []);
        _tandem.Write("nothing.onnx", OnnxFile.Serialize(graph));
        RequireRefused("nothing to run", Run("nothing.onnx"));
    }

    [Fact]
    public void Unknown_policy()
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused("'fastest'", Run("small.onnx", "--policy", "fastest"));
    }

    [Theory]
    [InlineData("image")]
    [InlineData("image=")]
    [InlineData("image=1,3,x,32")]
    [InlineData("image=1,-3,32,32")]
    public void Bad_input_shape(string shape)
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused("--input-shape", Run("small.onnx", "--input-shape", shape));
    }

    [Theory]
    [InlineData("--runs", "0", "--runs")]
    [InlineData("--runs", "-1", "--runs")]
    [InlineData("--warm-ups", "-2", "--warm-ups")]
    [InlineData("--time-limit", "NaN", "--time-limit")]
    [InlineData("--time-limit", "-1", "--time-limit")]
    [InlineData("--time-limit", "1e300", "--time-limit")]
    [InlineData("--rounds", "-1", "--rounds")]
    [InlineData("--accuracy-budget", "-0.1", "--accuracy-budget")]
    [InlineData("--accuracy-budget", "NaN", "--accuracy-budget")]
    [InlineData("--accuracy-budget", "1.01", "--accuracy-budget")]
    [InlineData("--ort-threads", "0", "--ort-threads")]
    [InlineData("--cpu-cores", "7000", "no core 7000")]
    [InlineData("--cpu-cores", "one", "cores 'one'")]
    public void Number_that_makes_no_sense(string option, string value, string part)
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        string[] others = [.. Quick.Chunk(2).Where(pair => pair[0] != option).SelectMany(pair => pair)];
        foreach (string command in new[] { "run", "bench" })
        {
            RequireRefused(part, _tandem.Run([command, "small.onnx", option, value, .. others]));
        }
    }

    [Theory]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("1.01")]
    public void Error_that_no_plan_can_be_allowed(string budget)
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused("--accuracy-budget", _tandem.Run(["plan", "small.onnx", "--gpu", "none", "--accuracy-budget", budget]));
    }

    [Theory]
    [InlineData("nothing to measure")]
    [InlineData("give one of both", "small.onnx", "--configurations", "5")]
    [InlineData("--configurations 0", "--configurations", "0")]
    [InlineData("--configurations -3", "--configurations", "-3")]
    [InlineData("--configurations 100001", "--configurations", "100001")]
    [InlineData("--time-limit", "--configurations", "5", "--time-limit", "0")]
    public void Sampling_of_what_makes_no_sense(string part, params string[] arguments)
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused(part, _tandem.Run(["profile", "--gpu", "none", .. arguments]));
    }

    [Fact]
    public void Plan_that_is_none()
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        _tandem.Write("plan.json", "{\"steps\":"u8.ToArray());
        RequireRefused("not a plan", Run("small.onnx", "--plan", "plan.json"));
        RequireRefused("missing.json", Run("small.onnx", "--plan", "missing.json"));
    }

    [Fact]
    public void Missing_native_library()
    {
        _tandem.Environment["TANDEM_ONNXRUNTIME"] = "/nonexistent";
        RequireRefused("TANDEM_ONNXRUNTIME", _tandem.Run(["run", .. Quick]));
    }

    private TandemCommand.Result Run(string model, params string[] arguments) =>
        _tandem.Run(["run", model, "--html", "page.html", .. Quick, .. arguments]);

    private void RequireRefused(string part, TandemCommand.Result result)
    {
        Assert.True(result.ExitCode == 2, $"ended with {result.ExitCode}: {result.Error}");
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("tandem: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.Empty(result.Output.Trim());
        Assert.DoesNotContain(_tandem.Files, file => file.StartsWith("page.html", StringComparison.Ordinal));
        Assert.False(_tandem.HasProfile);
    }
}
