using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;

namespace Tandem.Cli.Tests.Commands;

public sealed class TrainCommandTests : IDisposable
{
    private const int Side = 8;

    private readonly TandemCommand _tandem = new();

    public void Dispose() => _tandem.Dispose();

    [Fact]
    public void A_network_without_exits_is_trained_written_and_described()
    {
        Prepare();
        TandemCommand.Result result = Train(
            "net.onnx", "--exits", "none", "--out", "out.onnx", "--metrics", "m.csv", "--html", "page.html", "--checkpoint", "c", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        JsonNode json = result.Json;
        Assert.Equal(1, json["exits"]!.AsArray().Count);
        Assert.Equal(3, (int)json["epochs"]!);
        Assert.True((double)json["accuracy"]! > 0.9, result.Output);
        Graph trained = Load("out.onnx");
        Assert.Equal(1, trained.Inputs[0].Shape[0]);
        ProgressiveDescription description = ProgressiveDescription.Of(trained)!;
        Assert.Equal(["dark", "light"], description.Classes);
        Assert.Equal(3, description.Means.Count);
        Assert.All(description.Means, mean => Assert.InRange(mean, 0.3f, 0.7f));
        Assert.Equal(trained.Outputs[0].Name, Assert.Single(description.Exits).Output);
        Assert.Equal(3, _tandem.Read("m.csv").Split('\n').Count(line => line.StartsWith("epoch,", StringComparison.Ordinal)));
        XElement page = XElement.Parse(_tandem.Read("page.html").Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        Assert.Contains(page.Descendants(), element => element.Name.LocalName == "figure");
    }

    [Fact]
    public void Exits_are_trained_with_the_network_and_then_alone()
    {
        Prepare();
        TandemCommand.Result result = Train("net.onnx", "--exits", "40,70", "--out", "three.onnx", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        JsonArray exits = result.Json["exits"]!.AsArray();
        Assert.Equal(3, exits.Count);
        Assert.True((double)exits[2]!["accuracy"]! > 0.9, result.Output);
        Graph joint = Load("three.onnx");
        Assert.Equal(3, ProgressiveDescription.Of(joint)!.Exits.Count);

        result = Train("three.onnx", "--heads-only", "--out", "heads.onnx", "--json", "--epochs", "1");
        Assert.True(result.ExitCode == 0, result.Error);
        Graph heads = Load("heads.onnx");
        string[] changed = [.. joint.Constants.Keys.Where(
            name => !joint.Constants[name].Data.Span.SequenceEqual(heads.Constants[name].Data.Span))];
        Assert.NotEmpty(changed);
        Assert.All(changed, name => Assert.StartsWith("exit", name, StringComparison.Ordinal));
        RequireRefused("2 early exits already", Train("three.onnx", "--exits", "50"));
    }

    [Fact]
    public void Training_goes_on_from_a_checkpoint_and_refuses_one_of_something_else()
    {
        Prepare();
        Assert.Equal(0, Train("net.onnx", "--exits", "none", "--checkpoint", "c", "--epochs", "2", "--out", "a.onnx").ExitCode);
        TandemCommand.Result result = Train("net.onnx", "--exits", "none", "--checkpoint", "c", "--epochs", "3", "--out", "b.onnx", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("after 2 epochs", result.Error, StringComparison.Ordinal);
        Assert.Equal(12, (long)result.Json["steps"]!);
        RequireRefused("begin anew", Train("net.onnx", "--exits", "none", "--checkpoint", "c", "--seed", "2"));
        RequireRefused("begin anew", Train("net.onnx", "--exits", "50", "--checkpoint", "c"));
        _tandem.Write("c", "no checkpoint"u8.ToArray());
        RequireRefused("'c'", Train("net.onnx", "--exits", "none", "--checkpoint", "c"));
        Assert.Equal(0, Train("net.onnx", "--exits", "none", "--checkpoint", "c", "--restart", "--epochs", "1").ExitCode);
    }

    [Theory]
    [InlineData("--epochs 0", "--epochs", "0")]
    [InlineData("--batch 0", "--batch", "0")]
    [InlineData("do not fill a batch", "--batch", "1000")]
    [InlineData("--learning-rate -1", "--learning-rate", "-1")]
    [InlineData("--learning-rate NaN", "--learning-rate", "NaN")]
    [InlineData("--threads 0", "--threads", "0")]
    [InlineData("--label-smoothing 1", "--label-smoothing", "1")]
    [InlineData("without exits", "--label-smoothing", "0.1", "--exits", "50")]
    [InlineData("'many'", "--exits", "many")]
    [InlineData("exit position", "--exits", "120")]
    [InlineData("--heads-only", "--heads-only", "--from-scratch")]
    [InlineData("--out", "--out", "missing/folder.onnx")]
    [InlineData("pixel scaling", "--pixels", "dots")]
    [InlineData("there are no data 'missing'", "--data", "missing")]
    [InlineData("'wide.csv', line 3", "--data", "wide.csv")]
    [InlineData("line 3: label '-3' is out of range", "--data", "range.csv")]
    [InlineData("no image of class '1'", "--data", "empty.csv")]
    [InlineData("the data has 3", "--data", "three.csv")]
    [InlineData("the loss is", "--learning-rate", "1e30")]
    public void Bad_input_is_one_line(string part, params string[] arguments)
    {
        Prepare();
        _tandem.Write("range.csv", Csv("0", "-3", "1"));
        _tandem.Write("empty.csv", Csv("0", "2", "0", "2"));
        _tandem.Write("three.csv", Csv([.. Enumerable.Range(0, 60).Select(i => (i % 3).ToString(CultureInfo.InvariantCulture))]));
        _tandem.Write("wide.csv", [.. Csv("0"), .. "1,2\n"u8]);
        string[] others = arguments.Contains("--exits") ? [] : ["--exits", "none"];
        RequireRefused(part, Train("net.onnx", [.. others, .. arguments]));
    }

    [Fact]
    public void Networks_that_do_not_classify_such_images_are_refused()
    {
        Prepare();
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        RequireRefused("classif", Train("small.onnx", "--exits", "none"));
        RequireRefused("the data has 2", Train("resnet20", "--exits", "none"));
        RequireRefused("missing.onnx", Train("missing.onnx"));
    }

    private void Prepare()
    {
        _tandem.Write("net.onnx", OnnxFile.Serialize(Network()));
        _tandem.Write("data.csv", Csv([.. Enumerable.Range(0, 72).Select(i => i % 2 == 0 ? "dark" : "light")]));
    }

    private TandemCommand.Result Train(string model, params string[] arguments)
    {
        string[] usual = ["--data", "data.csv", "--batch", "16", "--epochs", "3", "--threads", "1", "--learning-rate", "0.05"];
        return _tandem.Run(["progressive", "train", model, .. usual.Chunk(2).Where(pair => !arguments.Contains(pair[0])).SelectMany(p => p), .. arguments]);
    }

    private Graph Load(string file) => OnnxFile.Parse(_tandem.ReadBytes(file), file);

    private static void RequireRefused(string part, TandemCommand.Result result)
    {
        Assert.True(result.ExitCode == 2, $"ended with {result.ExitCode}: {result.Error}");
        string line = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("tandem: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.Empty(result.Output.Trim());
    }

    /// <summary>Noise, brighter for labels that are not the first's.</summary>
    private static byte[] Csv(params string[] labels)
    {
        var random = new Random(7);
        var text = new StringBuilder("label");
        for (int i = 0; i < 3 * Side * Side; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $",p{i}");
        }
        foreach (string label in labels)
        {
            text.Append('\n').Append(label);
            int offset = label == labels[0] ? 60 : 140;
            for (int i = 0; i < 3 * Side * Side; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $",{offset + random.Next(60)}");
            }
        }
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    private static Graph Network()
    {
        var net = new GraphBuilder("net");
        Tensor x = net.Input("image", 1, 3, Side, Side);
        for (int i = 0; i < 5; i++)
        {
            x = net.Relu(net.BatchNorm(net.Conv(x, 16, 3, pad: 1, bias: false)));
        }
        return net.Build(1, net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 2));
    }
}
