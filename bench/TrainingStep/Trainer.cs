using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Bench.TrainingStep;

/// <summary>Runs steps. Parameters, velocity and statistics go back and forth between two sets of tensors and are never copied.</summary>
internal sealed class Trainer : IDisposable
{
    private static readonly string[] State = ["parameters", "velocity", "statistics"];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly Dictionary<string, OrtValue>[] _states = [[], []];
    private readonly Dictionary<string, OrtValue> _values = [];
    private readonly OrtIoBinding[] _bindings;
    private int _current;

    /// <summary>Makes the session.</summary>
    /// <param name="graph">The step.</param>
    /// <param name="threads">Threads that share each operator.</param>
    public Trainer(Graph graph, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        _session = new InferenceSession(OnnxFile.Serialize(graph), options);
        foreach (Tensor input in graph.Inputs)
        {
            if (State.Contains(input.Name))
            {
                _states[0][input.Name] = Make(input);
                _states[1][input.Name] = Make(input);
            }
            else
            {
                _values[input.Name] = Make(input);
            }
        }
        _values["loss"] = Make(graph.Tensors["loss"]);
        _bindings = [Bind(0), Bind(1)];
    }

    /// <summary>The images, as N, C, H, W.</summary>
    public Span<float> Images => _values["images"].GetTensorMutableDataAsSpan<float>();

    /// <summary>The label of each image.</summary>
    public Span<float> Labels => _values["labels"].GetTensorMutableDataAsSpan<float>();

    /// <summary>The parameters, in the order of the step's graph.</summary>
    public Span<float> Parameters => _states[_current]["parameters"].GetTensorMutableDataAsSpan<float>();

    /// <summary>Trains on the images and labels that are there.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The loss before the update.</returns>
    public float Step(float rate)
    {
        _values["rate"].GetTensorMutableDataAsSpan<float>()[0] = rate;
        _session.RunWithBinding(_runOptions, _bindings[_current]);
        _current = 1 - _current;
        return _values["loss"].GetTensorDataAsSpan<float>()[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in _bindings.Cast<IDisposable>().Concat(_values.Values).Concat(_states.SelectMany(s => s.Values)))
        {
            owned.Dispose();
        }
        _runOptions.Dispose();
        _session.Dispose();
    }

    private OrtIoBinding Bind(int from)
    {
        OrtIoBinding binding = _session.CreateIoBinding();
        foreach (string name in State)
        {
            binding.BindInput(name, _states[from][name]);
            binding.BindOutput($"next_{name}", _states[1 - from][name]);
        }
        foreach ((string name, OrtValue value) in _values.Where(v => v.Key != "loss"))
        {
            binding.BindInput(name, value);
        }
        binding.BindOutput("loss", _values["loss"]);
        return binding;
    }

    private static OrtValue Make(Tensor tensor)
    {
        OrtValue value = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)tensor.Type, [.. tensor.Shape]);
        value.GetTensorMutableRawData().Clear();
        return value;
    }
}
