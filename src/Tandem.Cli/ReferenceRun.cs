using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Cli;

/// <summary>The inputs of a measurement, and what plain ONNX Runtime makes of them: the model as loaded, one session, default options.</summary>
internal sealed class ReferenceRun
{
    private readonly Dictionary<string, byte[]> _inputs = [];
    private readonly Dictionary<string, byte[]> _outputs = [];
    private readonly Graph _model;

    /// <summary>Runs the reference.</summary>
    /// <param name="model">The network as loaded.</param>
    /// <param name="inputs">Contents of inputs by name; seeded random ones are made for the others.</param>
    /// <param name="seed">The seed.</param>
    public ReferenceRun(Graph model, IReadOnlyDictionary<string, byte[]> inputs, int seed)
    {
        _model = model;
        foreach (Tensor input in model.Inputs)
        {
            _inputs[input.Name] = inputs.GetValueOrDefault(input.Name) ?? Seeded(model, input, seed);
        }
        Run();
    }

    /// <summary>The input bytes by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Inputs => _inputs;

    /// <summary>The reference's output bytes by name.</summary>
    public IReadOnlyDictionary<string, byte[]> Outputs => _outputs;

    /// <summary>Fills an executor's inputs.</summary>
    public void Feed(PlanExecutor executor)
    {
        foreach ((string name, byte[] bytes) in _inputs.Where(i => executor.Touches(i.Key)))
        {
            bytes.CopyTo(executor.Memory(name).AsSpan<byte>());
        }
    }

    /// <summary>The largest relative error over all outputs of an executor's last run.</summary>
    public double MaxRelativeError(PlanExecutor executor) => _model.Outputs.Max(output =>
        OutputComparison.MaxRelativeError(output.Type, executor.Memory(output.Name).AsSpan<byte>(), _outputs[output.Name]));

    private void Run()
    {
        using var session = new InferenceSession(OnnxFile.Serialize(_model));
        OrtValue[] values = [.. _model.Inputs.Select(input => Value(input, _inputs[input.Name]))];
        using var options = new RunOptions();
        IReadOnlyList<OrtValue> results = session.Run(
            options, [.. _model.Inputs.Select(i => i.Name)], values, [.. _model.Outputs.Select(o => o.Name)]);
        foreach ((Tensor output, OrtValue result) in _model.Outputs.Zip(results))
        {
            _outputs[output.Name] = result.GetTensorMutableRawData().ToArray();
            result.Dispose();
        }
        foreach (OrtValue value in values)
        {
            value.Dispose();
        }
    }

    private static OrtValue Value(Tensor tensor, byte[] bytes)
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)tensor.Type, [.. tensor.Shape]);
        bytes.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static byte[] Seeded(Graph model, Tensor input, int seed)
    {
        using var memory = new SharedBuffer(input.SizeInBytes);
        SeededInputs.Fill(model, input, memory, seed);
        return memory.AsSpan<byte>().ToArray();
    }
}
