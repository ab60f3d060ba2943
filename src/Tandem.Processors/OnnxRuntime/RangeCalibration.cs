using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Finds the range of every activation of a network by running it, in float32, with all of them as outputs.</summary>
public sealed class RangeCalibration : IDisposable
{
    private readonly Graph _graph;
    private readonly string[] _computed;
    private readonly InferenceSession _session;
    private readonly Dictionary<string, ValueRange> _ranges = [];

    /// <summary>Prepares a network for calibration.</summary>
    /// <param name="graph">The network in float32, as it will be quantised.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network.</exception>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public RangeCalibration(Graph graph)
    {
        _graph = graph;
        _computed = [.. graph.Operators.SelectMany(op => op.Outputs)
            .Where(name => name.Length > 0 && graph.Tensors[name].Type == ElementType.Float32)];
        var traced = new Graph(graph.Name, graph.Opsets, graph.Inputs, _computed, graph.Operators, graph.Constants.Values);
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_BASIC };
        try
        {
            _session = new InferenceSession(OnnxFile.Serialize(traced), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load network '{graph.Name}': {e.Detail}", e);
        }
    }

    /// <summary>The range of every float32 input and activation over all runs so far, by name.</summary>
    public IReadOnlyDictionary<string, ValueRange> Ranges => _ranges;

    /// <summary>Runs the network once and widens the ranges by what it computes.</summary>
    /// <param name="inputs">The bytes of each input, in the network's order, densely packed.</param>
    /// <exception cref="OnnxRuntimeException">An input does not fit, or the run failed.</exception>
    public void Add(IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs.Count, _graph.Inputs.Count);
        List<OrtValue> values = [];
        try
        {
            for (int i = 0; i < inputs.Count; i++)
            {
                Tensor input = _graph.Inputs[i];
                values.Add(OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)input.Type, [.. input.Shape]));
                inputs[i].Span.CopyTo(values[i].GetTensorMutableRawData());
                if (input.Type == ElementType.Float32)
                {
                    Widen(input.Name, values[i]);
                }
            }
            Run(values);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private void Run(List<OrtValue> inputs)
    {
        IReadOnlyList<OrtValue> results = _session.Run(null, [.. _graph.Inputs.Select(input => input.Name)], inputs, _computed);
        for (int i = 0; i < results.Count; i++)
        {
            Widen(_computed[i], results[i]);
            results[i].Dispose();
        }
    }

    private void Widen(string tensor, OrtValue value)
    {
        ValueRange range = ValueRange.Of(value.GetTensorDataAsSpan<float>());
        _ranges[tensor] = _ranges.TryGetValue(tensor, out ValueRange known) ? known.Union(range) : range;
    }
}
