using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Training;

/// <summary>A graph that ONNX Runtime is ready to run on either version of the state.</summary>
internal sealed class BoundGraph : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding[] _bindings;

    /// <summary>Opens a session and binds everything once.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="threads">Threads that share the work of one operator; 0 for one per core.</param>
    /// <param name="inputs">Memory of the inputs that are no state; those that the graph does not have are left out.</param>
    /// <param name="outputs">Memory of the outputs that are no state.</param>
    /// <param name="states">Both versions of the state.</param>
    /// <param name="updates">Whether the graph writes the version that it does not read.</param>
    public BoundGraph(
        Graph graph, int threads, IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyDictionary<string, OrtValue> outputs,
        StateSet[] states, bool updates)
    {
        // A memory pattern would take nearly twice the memory (the block that it plans, beside that of the first run) for 3 % of the time.
        using var options = new SessionOptions { IntraOpNumThreads = threads, EnableMemoryPattern = false };
        _session = new InferenceSession(OnnxFile.Serialize(graph), options);
        _bindings = [Bind(states[0], states[1]), Bind(states[1], states[0])];

        OrtIoBinding Bind(StateSet read, StateSet written)
        {
            OrtIoBinding binding = _session.CreateIoBinding();
            foreach ((string name, OrtValue value) in inputs.Where(input => _session.InputMetadata.ContainsKey(input.Key)))
            {
                binding.BindInput(name, value);
            }
            foreach ((string name, OrtValue value) in outputs)
            {
                binding.BindOutput(name, value);
            }
            for (int i = 0; i < read.States.Count; i++)
            {
                if (_session.InputMetadata.ContainsKey(read.States[i].Tensor.Name))
                {
                    binding.BindInput(read.States[i].Tensor.Name, read[i]);
                }
                if (updates)
                {
                    binding.BindOutput(read.States[i].Updated, written[i]);
                }
            }
            return binding;
        }
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="options">Settings of the run.</param>
    /// <param name="version">The version of the state that is read.</param>
    public void Run(RunOptions options, int version) => _session.RunWithBinding(options, _bindings[version]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtIoBinding binding in _bindings)
        {
            binding.Dispose();
        }
        _session.Dispose();
    }
}
