using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.OpenCl;

namespace Tandem.Execution.Tests;

/// <summary>ONNX Runtime and OpenCL side by side, and what they are compared with.</summary>
internal static class BothEngines
{
    /// <summary>"cpu" and "ort-all-cores" by ONNX Runtime, "gpu" by OpenCL; skips the test where there is none.</summary>
    public static LocalDevice Open()
    {
        int last = Environment.ProcessorCount - 1;
        if (OpenClDevice.Enumerate([last]).ReasonForNone is { } reason)
        {
            Assert.Skip($"no OpenCL device: {reason}");
        }
        return new LocalDevice(
            [TestDevice.Processor("cpu"), new OpenClProcessor(new OpenClProcessorOptions { Name = "gpu", Cores = [last] })],
            TestDevice.Processor("ort-all-cores"));
    }

    /// <summary>Seeded numbers for a network's first input.</summary>
    public static float[] Input(Graph model, int seed)
    {
        using var memory = new SharedBuffer(model.Inputs[0].SizeInBytes);
        SeededInputs.Fill(model, model.Inputs[0], memory, seed);
        return memory.AsSpan<float>().ToArray();
    }

    /// <summary>What one session of ONNX Runtime makes of an input, the first output.</summary>
    public static float[] Plain(Graph model, float[] input)
    {
        using var session = new InferenceSession(OnnxFile.Serialize(model));
        using var options = new RunOptions();
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, [.. model.Inputs[0].Shape]);
        using OrtValue output = session.Run(options, [model.Inputs[0].Name], [value], [model.Outputs[0].Name])[0];
        return output.GetTensorDataAsSpan<float>().ToArray();
    }
}
