using System.Diagnostics;
using System.Text.Json.Nodes;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;

namespace Tandem.Cli.Tests.Commands;

/// <summary>Runs the built command in a process of its own, in an empty folder, with a profile of its own.</summary>
internal sealed class TandemCommand : IDisposable
{
    private readonly DirectoryInfo _profiles = Directory.CreateTempSubdirectory("tandem-cli-profile-");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-cli-");

    /// <summary>What a command printed, and what it ended with.</summary>
    internal sealed record Result(int ExitCode, string Output, string Error)
    {
        public JsonNode Json => JsonNode.Parse(Output)!;
    }

    /// <summary>Environment variables of the command.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Files in the command's folder.</summary>
    public string[] Files => [.. _folder.EnumerateFiles("*", SearchOption.AllDirectories).Select(f => f.Name).Order(StringComparer.Ordinal)];

    /// <summary>Whether anything was kept of measurements.</summary>
    public bool HasProfile => _profiles.EnumerateFileSystemInfos().Any();

    /// <summary>Writes a file into the command's folder.</summary>
    public void Write(string name, byte[] contents) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), contents);

    /// <summary>Reads a file of the command's folder.</summary>
    public string Read(string name) => File.ReadAllText(Path.Combine(_folder.FullName, name));

    /// <summary>Reads a file of the command's folder.</summary>
    public byte[] ReadBytes(string name) => File.ReadAllBytes(Path.Combine(_folder.FullName, name));

    /// <summary>A network of two convolutions as an ONNX file.</summary>
    public static byte[] SmallModel(float? weight = null)
    {
        var net = new GraphBuilder("small");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 32, 32), 16, 3, pad: 1));
        Graph graph = net.Build(1, net.Relu(net.Conv(x, 8, 3, pad: 1)));
        if (weight is { } number)
        {
            Constant first = graph.Constants.Values.First(c => c.Tensor.Shape.Rank == 4);
            float[] weights = first.AsSpan<float>().ToArray();
            weights[5] = number;
            graph = new Graph(
                graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], graph.Operators,
                [.. graph.Constants.Values.Where(c => c != first), Constant.Of<float>(first.Tensor.Name, ElementType.Float32, first.Tensor.Shape, weights)]);
        }
        return OnnxFile.Serialize(graph);
    }

    /// <summary>Runs the command to its end.</summary>
    public Result Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(System.Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "tandem.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["TANDEM_PROFILE"] = Path.Combine(_profiles.FullName, "data", "profile.db");
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        _profiles.Delete(recursive: true);
        _folder.Delete(recursive: true);
    }
}
