using System.Diagnostics;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Planning;

namespace Tandem.Cli.Memory;

/// <summary>The files by which a command and the processes that measure for it understand each other.</summary>
internal sealed class MeasurementFolder : IDisposable
{
    private const string InputPrefix = "input-";
    private const string OutputPrefix = "output-";
    private readonly string _path;
    private readonly bool _isOwner;

    /// <summary>Makes a folder, deleted at the end.</summary>
    public MeasurementFolder()
    {
        _path = Directory.CreateTempSubdirectory("tandem-memory-").FullName;
        _isOwner = true;
    }

    /// <summary>A folder that another process made.</summary>
    public MeasurementFolder(string path) => _path = path;

    /// <summary>A folder with a network, inputs and expected outputs.</summary>
    public static MeasurementFolder Of(Graph model, ReferenceRun reference)
    {
        var folder = new MeasurementFolder();
        try
        {
            OnnxFile.Save(model, folder.Model);
            folder.WriteTensors(
                [.. model.Inputs.Select(i => reference.Inputs[i.Name])], [.. model.Outputs.Select(o => reference.Outputs[o.Name])]);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The network.</summary>
    public string Model => Path.Combine(_path, "model.onnx");

    /// <summary>The plan to measure; not there where plain ONNX Runtime is measured.</summary>
    public string Plan => Path.Combine(_path, "plan.json");

    /// <summary>Bytes of the inputs by position in the model.</summary>
    public byte[] Input(int index) => File.ReadAllBytes(Path.Combine(_path, InputPrefix + index));

    /// <summary>Bytes of the expected outputs by position in the model.</summary>
    public byte[] Output(int index) => File.ReadAllBytes(Path.Combine(_path, OutputPrefix + index));

    /// <summary>Writes inputs and expected outputs, in the model's order.</summary>
    private void WriteTensors(IReadOnlyList<byte[]> inputs, IReadOnlyList<byte[]> outputs)
    {
        foreach ((string prefix, IReadOnlyList<byte[]> tensors) in new[] { (InputPrefix, inputs), (OutputPrefix, outputs) })
        {
            for (int i = 0; i < tensors.Count; i++)
            {
                File.WriteAllBytes(Path.Combine(_path, prefix + i), tensors[i]);
            }
        }
    }

    /// <summary>Measures in a process of its own.</summary>
    /// <param name="session">What it is called.</param>
    /// <param name="plan">The plan; null for plain ONNX Runtime.</param>
    /// <param name="options">Which processors the process opens, how often and from how many threads it runs.</param>
    /// <exception cref="TandemException">The process failed.</exception>
    public MemoryReading Measure(string session, Plan? plan, IReadOnlyList<string> options)
    {
        File.Delete(Plan);
        if (plan is not null)
        {
            PlanFile.Save(plan, Plan);
        }
        string host = Environment.ProcessPath ?? throw new TandemException("this system does not tell which program runs");
        bool isHosted = Path.GetFileNameWithoutExtension(host) == "dotnet";
        string[] program = isHosted ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(host, [.. program, "memory", Model, .. options, "--measure", _path]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new TandemException($"'{host}' cannot be started");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? MemoryReading.Parse(output) with { Session = session }
            : throw new TandemException($"the process that measures '{session}' ended with exit code {process.ExitCode}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isOwner)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
