using Tandem.Execution.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;
using Tandem.Planning;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// A network of which several inferences run at the same time, each as a whole on one processor or all in a pipeline of processors: more
/// inferences per second than a <see cref="CooperativeSession"/>, whose single inference takes less time. Used as that is; inferences are in flight together when
/// several threads call <c>Run</c>, or one calls <c>RunAsync</c> several times.
/// </summary>
/// <remarks>
/// Each inference goes to the lane that is expected to finish it first, by what inferences took there lately and by what is
/// in front of it. When a processor fails, its inference is run by another, the session goes on without it, and
/// <see cref="ProcessorFailed"/> is raised once.
/// </remarks>
public sealed class ThroughputSession : IDisposable
{
    private readonly LocalDevice _device;
    private readonly Deployment _deployment;
    private readonly Action _disposeRest;
    private readonly SessionValues _values;
    private readonly LaneCrew _crew;
    private readonly SemaphoreSlim _space;
    private int _isDisposed;

    /// <summary>Opens a model file.</summary>
    /// <exception cref="InvalidModelException">The file is no model that can be run.</exception>
    /// <exception cref="PlanException">No processor can run the whole network.</exception>
    public ThroughputSession(string modelPath, ThroughputSessionOptions? options = null)
        : this(OnnxFile.Load(modelPath, options?.InputShapes), options) { }

    /// <summary>Opens a network that is loaded already.</summary>
    /// <inheritdoc cref="ThroughputSession(string, ThroughputSessionOptions)"/>
    public ThroughputSession(Graph model, ThroughputSessionOptions? options = null)
    {
        options ??= new ThroughputSessionOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MostInFlight, 1);
        LocalDevice? own = options.Device is null ? LocalDevice.Open(options.DeviceOptions) : null;
        _device = own ?? options.Device!;
        try
        {
            Network network = GraphPreparation.Prepare(model);
            // The prepared network stands for the model, whose weights are then held by nobody here.
            _deployment = new Deployment(network.Graph, network, _device, options.Deployment);
            _values = new SessionValues(network.Graph);
            _crew = StartCrew(options);
        }
        catch
        {
            _deployment?.Dispose();
            own?.Dispose();
            throw;
        }
        _disposeRest = () =>
        {
            _deployment.Dispose();
            own?.Dispose();
        };
        _space = new SemaphoreSlim(options.MostInFlight);
    }

    /// <summary>Runs a deployment's network; the deployment and the device are the caller's and must outlive the session.</summary>
    /// <param name="deployment">The network.</param>
    /// <param name="device">The processors that it was deployed on.</param>
    /// <param name="options">How; what it says of devices, profiling and shapes is not used.</param>
    /// <exception cref="PlanException">No processor can run the whole network.</exception>
    public ThroughputSession(Deployment deployment, LocalDevice device, ThroughputSessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MostInFlight, 1);
        (_deployment, _device, _disposeRest) = (deployment, device, static () => { });
        _values = new SessionValues(deployment.Network.Graph);
        _crew = StartCrew(options);
        _space = new SemaphoreSlim(options.MostInFlight);
    }

    /// <summary>Raised once when a processor failed and others took over, on a thread of the session's own.</summary>
    public event EventHandler<ProcessorFailedEventArgs>? ProcessorFailed;

    /// <summary>Names of the inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames => _values.InputNames;

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => _values.OutputNames;

    /// <summary>Type and shape of each input by name.</summary>
    public IReadOnlyDictionary<string, Tensor> InputMetadata => _values.InputMetadata;

    /// <summary>Type and shape of each output by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OutputMetadata => _values.OutputMetadata;

    /// <summary>The lanes in use, without those that failed.</summary>
    public IReadOnlyList<ThroughputLane> Lanes => _crew.Lanes;

    /// <summary>Runs the network and gives every output.</summary>
    /// <inheritdoc cref="Run(IReadOnlyDictionary{string, OrtValue}, IReadOnlyCollection{string}, CancellationToken)"/>
    public IReadOnlyList<OrtValue> Run(IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation = default) =>
        Run(inputs, OutputNames, cancellation);

    /// <summary>Runs the network.</summary>
    /// <param name="inputs">A value for each input, by name.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <param name="cancellation">Ends waiting for a processor; an inference that runs is stopped between two steps.</param>
    /// <returns>The outputs in the order of their names; the caller disposes them.</returns>
    /// <exception cref="InputException">An input is missing, unknown, or of another type or shape.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed before the inference began.</exception>
    public IReadOnlyList<OrtValue> Run(
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames, CancellationToken cancellation = default)
    {
        OrtValue[] outputs = _values.NewOutputs(outputNames);
        try
        {
            Run(inputs, outputNames, outputs, cancellation);
            return outputs;
        }
        catch
        {
            SessionValues.Discard(outputs);
            throw;
        }
    }

    /// <summary>Runs the network into values that the caller made.</summary>
    /// <param name="inputs">A value for each input, by name.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <param name="outputs">Where they are written, in the same order.</param>
    /// <param name="cancellation">Ends waiting for a processor; an inference that runs is stopped between two steps.</param>
    /// <exception cref="InputException">An input or output is missing, unknown, or of another type or shape.</exception>
    /// <exception cref="ObjectDisposedException">The session was disposed before the inference began.</exception>
    public void Run(
        IReadOnlyDictionary<string, OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyList<OrtValue> outputs,
        CancellationToken cancellation = default)
    {
        // Not by the asynchronous way: whoever calls this from many threads of the pool would wait for one more of them.
        SessionRequest request = _values.Request(inputs, outputNames, outputs);
        _space.Wait(cancellation);
        try
        {
            _crew.Run(request, cancellation);
        }
        finally
        {
            _space.Release();
        }
    }

    /// <summary>Runs the network and gives every output, without keeping the caller waiting.</summary>
    /// <inheritdoc cref="RunAsync(IReadOnlyDictionary{string, OrtValue}, IReadOnlyCollection{string}, CancellationToken)"/>
    public Task<IReadOnlyList<OrtValue>> RunAsync(IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation = default) =>
        RunAsync(inputs, OutputNames, cancellation);

    /// <summary>Runs the network without keeping the caller waiting. The inputs must not change before the task has ended.</summary>
    /// <inheritdoc cref="Run(IReadOnlyDictionary{string, OrtValue}, IReadOnlyCollection{string}, CancellationToken)"/>
    public async Task<IReadOnlyList<OrtValue>> RunAsync(
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames, CancellationToken cancellation = default)
    {
        OrtValue[] outputs = _values.NewOutputs(outputNames);
        try
        {
            await RunAsync(inputs, outputNames, outputs, cancellation).ConfigureAwait(false);
            return outputs;
        }
        catch
        {
            SessionValues.Discard(outputs);
            throw;
        }
    }

    /// <summary>
    /// Runs the network into values that the caller made, without keeping the caller waiting. Inputs and outputs must not be touched
    /// before the task has ended.
    /// </summary>
    /// <inheritdoc cref="Run(IReadOnlyDictionary{string, OrtValue}, IReadOnlyCollection{string}, IReadOnlyList{OrtValue}, CancellationToken)"/>
    public async Task RunAsync(
        IReadOnlyDictionary<string, OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyList<OrtValue> outputs,
        CancellationToken cancellation = default)
    {
        SessionRequest request = _values.Request(inputs, outputNames, outputs);
        await _space.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _crew.Enqueue(request, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _space.Release();
        }
    }

    private LaneCrew StartCrew(ThroughputSessionOptions options)
    {
        ThroughputPlan plan = options.Plan ?? new ThroughputChooser(_deployment, _device, options.Deployment.Tuning).Choose().Plan;
        RequireApart(plan);
        return new LaneCrew(
            _deployment, _device, plan.Lanes, (lane, turns) => _deployment.Start(lane, options.RunTimeout, turns),
            failure => ProcessorFailed?.Invoke(this, failure), _deployment.Settle);
    }

    private static void RequireApart(ThroughputPlan plan)
    {
        if (plan.Lanes.Count == 0)
        {
            throw new PlanException("a plan for throughput needs at least one lane");
        }
        if (plan.Lanes.SelectMany(lane => lane.Processors).GroupBy(name => name).FirstOrDefault(g => g.Count() > 1) is { } shared)
        {
            throw new PlanException($"two lanes use processor '{shared.Key}': give each lane processors of its own");
        }
    }

    /// <summary>
    /// Waits for the inferences that run and frees everything; those that have not begun end with
    /// <see cref="ObjectDisposedException"/>. What a processor that hangs still uses is freed when it comes back.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }
        _crew.Dispose();
        if (_crew.Hanging is { Count: > 0 } hanging)
        {
            Task.WhenAll(hanging).ContinueWith(_ => _disposeRest(), TaskScheduler.Default);
        }
        else
        {
            _disposeRest();
        }
    }
}
