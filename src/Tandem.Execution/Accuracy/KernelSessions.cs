using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Slicing;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Accuracy;

/// <summary>
/// A network as one session of ONNX Runtime for each kernel, so that it can be run from any kernel on with some tensors changed. Each run
/// uses the calling thread only; several threads may run at once.
/// </summary>
internal sealed class KernelSessions : IDisposable
{
    private readonly Network _network;
    private readonly List<KernelSession> _sessions = [];
    private readonly Dictionary<string, int> _lastReaders = [];

    /// <summary>Prepares a network in float32.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses a kernel.</exception>
    public KernelSessions(Network network)
    {
        _network = network;
        try
        {
            foreach (Kernel kernel in network.Kernels)
            {
                _sessions.Add(new KernelSession(SliceOf(kernel.Index)));
                foreach (SliceEnd input in _sessions[^1].Inputs)
                {
                    _lastReaders[input.Tensor.Name] = kernel.Index;
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        foreach (Tensor output in network.Graph.Outputs)
        {
            _lastReaders[output.Name] = network.Kernels.Count;
        }
    }

    /// <summary>The slice of one undivided kernel.</summary>
    public Slice SliceOf(int kernel) => SliceSpec.Of(new KernelRange(kernel, kernel + 1)).Cut(_network);

    /// <summary>Runs everything; gives every tensor that a kernel makes, and those it is given. The caller disposes them.</summary>
    public Dictionary<string, OrtValue> RunAll(Dictionary<string, OrtValue> inputs)
    {
        foreach (KernelSession session in _sessions)
        {
            session.Run(inputs, inputs);
        }
        return inputs;
    }

    /// <summary>
    /// The network's outputs when some tensors are other than they were: runs the kernels that read them, and those that read what these
    /// make, and no others.
    /// </summary>
    /// <param name="all">Every tensor of a whole run, which stays as it is.</param>
    /// <param name="changed">Those that a kernel makes otherwise. Their values are disposed when nothing reads them any more.</param>
    /// <param name="kernel">That kernel.</param>
    /// <param name="take">Gets each output that changed.</param>
    public void RunAfter(
        IReadOnlyDictionary<string, OrtValue> all, Dictionary<string, OrtValue> changed, int kernel, Action<Tensor, OrtValue> take)
    {
        try
        {
            for (int k = kernel + 1; k < _sessions.Count; k++)
            {
                KernelSession session = _sessions[k];
                if (session.Inputs.Any(input => changed.ContainsKey(input.Tensor.Name)))
                {
                    session.Run(new Overlay(all, changed), changed);
                }
                foreach (string done in changed.Keys.Where(name => _lastReaders.GetValueOrDefault(name) <= k).ToArray())
                {
                    changed[done].Dispose();
                    changed.Remove(done);
                }
            }
            foreach (Tensor output in _network.Graph.Outputs.Where(output => changed.ContainsKey(output.Name)))
            {
                take(output, changed[output.Name]);
            }
        }
        finally
        {
            foreach (OrtValue value in changed.Values)
            {
                value.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _sessions.ForEach(session => session.Dispose());
}

/// <summary>The tensors of a run, some of them changed.</summary>
/// <param name="All">Every tensor.</param>
/// <param name="Changed">Those that take the place of others of the same name.</param>
internal readonly record struct Overlay(IReadOnlyDictionary<string, OrtValue> All, IReadOnlyDictionary<string, OrtValue> Changed)
{
    /// <summary>A tensor by name.</summary>
    public OrtValue this[string tensor] => Changed.TryGetValue(tensor, out OrtValue? value) ? value : All[tensor];
}

/// <summary>One slice as a session of ONNX Runtime on the calling thread.</summary>
internal sealed class KernelSession : IDisposable
{
    private readonly Slice _slice;
    private readonly InferenceSession _session;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <summary>Prepares a slice.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses it.</exception>
    public KernelSession(Slice slice)
    {
        _slice = slice;
        _inputs = [.. slice.Graph.Inputs.Select(input => input.Name)];
        _outputs = [.. slice.Graph.Outputs.Select(output => output.Name)];
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        _session = new InferenceSession(OnnxFile.Serialize(slice.Graph), options);
    }

    /// <summary>What it reads.</summary>
    public IReadOnlyList<SliceEnd> Inputs => _slice.Inputs;

    /// <summary>Runs the slice on some tensors and adds what it makes to others.</summary>
    public void Run(IReadOnlyDictionary<string, OrtValue> from, Dictionary<string, OrtValue> to) =>
        Run(new Overlay(from, new Dictionary<string, OrtValue>()), to);

    /// <inheritdoc cref="Run(IReadOnlyDictionary{string, OrtValue}, Dictionary{string, OrtValue})"/>
    public void Run(Overlay from, Dictionary<string, OrtValue> to)
    {
        OrtValue[] inputs = [.. _slice.Inputs.Select(input => from[input.Tensor.Name])];
        IReadOnlyList<OrtValue> results = _session.Run(null, _inputs, inputs, _outputs);
        for (int i = 0; i < results.Count; i++)
        {
            to[_slice.Outputs[i].Tensor.Name] = results[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
