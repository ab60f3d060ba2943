using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Finds the range to quantise of every activation of a network by running it, in float32, with all of them as outputs.</summary>
public sealed class RangeCalibration : IDisposable
{
    private readonly Graph _graph;
    private readonly string[] _computed;
    private readonly InferenceSession _session;
    private readonly ICalibrationMethod _method;
    private readonly Dictionary<string, IRangeObserver> _observers = [];

    /// <summary>Prepares a network for calibration.</summary>
    /// <param name="graph">The network in float32, as it will be quantised.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network.</exception>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public RangeCalibration(Graph graph)
        : this(graph, new MinMaxCalibration()) { }

    /// <summary>Prepares a network for calibration by some method.</summary>
    /// <param name="graph">The network in float32, as it will be quantised.</param>
    /// <param name="method">Says which of a tensor's numbers are to be covered.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network.</exception>
    /// <exception cref="ProcessorFailedException">ONNX Runtime's native library is missing or does not load.</exception>
    public RangeCalibration(Graph graph, ICalibrationMethod method)
    {
        _method = method;
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

    /// <summary>The range of every float32 input and activation from all runs so far, by name. Made anew each time.</summary>
    public IReadOnlyDictionary<string, ValueRange> Ranges =>
        _observers.AsParallel().ToDictionary(observed => observed.Key, observed => observed.Value.Range);

    /// <summary>Runs the network once and takes note of what it computes.</summary>
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
                    Observe(input.Name, values[i]);
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
            Observe(_computed[i], results[i]);
            results[i].Dispose();
        }
    }

    private void Observe(string tensor, OrtValue value)
    {
        if (!_observers.TryGetValue(tensor, out IRangeObserver? observer))
        {
            _observers[tensor] = observer = _method.Observe();
        }
        observer.Add(value.GetTensorDataAsSpan<float>());
    }
}
