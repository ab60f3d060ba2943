using System.Runtime.ExceptionServices;
using Tandem.Execution.Adaptation;
using Tandem.Execution.Exits;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Onnx;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// A network that runs on several processors at once; used as ONNX Runtime's InferenceSession is. Opening it prepares, profiles
/// (where that was not done before) and plans; <c>Run</c> takes named values and gives values.
/// </summary>
/// <remarks>
/// Safe for use by several threads: their inferences run one after another. When a processor fails or does not answer, the
/// inference is run again on a plan that does without it, that plan is kept, and <see cref="ProcessorFailed"/> is raised once. Where no
/// plan works, the caller gets one <see cref="ProcessorFailedException"/> that names the reasons, and the next inference tries again.
/// </remarks>
public sealed partial class CooperativeSession : IDisposable
{
    private readonly LocalDevice _device;
    private readonly bool _ownsDevice;
    private readonly Deployment _deployment;
    private readonly Lock _gate = new();
    private readonly TimeSpan _runTimeout;
    private readonly List<Task> _hanging = [];
    private readonly SessionValues _values;
    private readonly ExitThresholds _thresholds;
    private PlanExecutor _executor;
    private SessionAdaptation? _adaptation;
    private bool _isDisposed;
    private bool _isSettled;

    /// <summary>Opens a model file.</summary>
    /// <exception cref="InvalidModelException">The file is no model that can be run.</exception>
    /// <exception cref="PlanException">The policy has no plan for this network on this device.</exception>
    public CooperativeSession(string modelPath, CooperativeSessionOptions? options = null)
        : this(OnnxFile.Load(modelPath, options?.InputShapes), options) { }

    /// <summary>Opens a network that is loaded already.</summary>
    /// <inheritdoc cref="CooperativeSession(string, CooperativeSessionOptions)"/>
    public CooperativeSession(Graph model, CooperativeSessionOptions? options = null)
    {
        options ??= new CooperativeSessionOptions();
        _runTimeout = options.RunTimeout;
        _ownsDevice = options.Device is null;
        _device = options.Device ?? LocalDevice.Open(options.DeviceOptions);
        try
        {
            Network network = GraphPreparation.Prepare(model);
            // The prepared network stands for the model, whose weights are then held by nobody here: they go before the slices' come.
            UnusedMemory.ReturnToSystem();
            _deployment = new Deployment(network.Graph, network, _device, options.Deployment);
            _values = new SessionValues(_deployment.Network.Graph);
            Progressive = ProgressiveDescription.Of(network.Graph);
            _thresholds = Progressive is null ? ExitThresholds.Never : ExitThresholds.Of(Progressive);
            Plan plan = options.Plan ?? _deployment.PlanBy(options.Policy);
            _executor = Start(plan);
            if (options.Adaptation.IsEnabled && plan.Processors.Count > 1)
            {
                _adaptation = new SessionAdaptation(_deployment, _executor, options.Adaptation, Start);
            }
        }
        catch
        {
            _deployment?.Dispose();
            DisposeDevice();
            throw;
        }
    }

    /// <summary>Raised once when a plan failed and another took its place, on the thread whose inference it was.</summary>
    public event EventHandler<ProcessorFailedEventArgs>? ProcessorFailed;

    /// <summary>
    /// Raised when the session changed to another plan because processors became slower or faster, on the thread whose inference it
    /// was; what it gives can be printed as one line.
    /// </summary>
    public event EventHandler<PlanChangedEventArgs>? PlanChanged;

    /// <summary>Names of the inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames => _values.InputNames;

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => _values.OutputNames;

    /// <summary>Type and shape of each input by name.</summary>
    public IReadOnlyDictionary<string, Tensor> InputMetadata => _values.InputMetadata;

    /// <summary>Type and shape of each output by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OutputMetadata => _values.OutputMetadata;

    /// <summary>The plan in use.</summary>
    public Plan Plan
    {
        get { lock (_gate) { return _executor.Plan; } }
    }

    /// <summary>What happened in the last inference that succeeded.</summary>
    public Trace LastTrace
    {
        get { lock (_gate) { return _executor.LastTrace; } }
    }

    /// <summary>Runs the network and gives every output. Allocates the outputs, and nothing else.</summary>
    /// <param name="inputs">A value for each input, by name.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The outputs in the model's order; the caller disposes them.</returns>
    /// <exception cref="InputException">An input is missing, unknown, or of another type or shape.</exception>
    public IReadOnlyList<OrtValue> Run(IReadOnlyDictionary<string, OrtValue> inputs, CancellationToken cancellation = default) =>
        Run(inputs, OutputNames, cancellation);

    /// <summary>Runs the network.</summary>
    /// <param name="inputs">A value for each input, by name.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>The outputs in the order of their names; the caller disposes them.</returns>
    /// <exception cref="InputException">An input is missing, unknown, or of another type or shape.</exception>
    public IReadOnlyList<OrtValue> Run(
        IReadOnlyDictionary<string, OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        CancellationToken cancellation = default)
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

    /// <summary>
    /// Runs the network into values that the caller made. Where these are used again and again, and the names are an array or a list, a run
    /// allocates no managed memory.
    /// </summary>
    /// <param name="inputs">A value for each input, by name.</param>
    /// <param name="outputNames">The outputs that are wanted.</param>
    /// <param name="outputs">Where they are written, in the same order.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <exception cref="InputException">An input or output is missing, unknown, or of another type or shape.</exception>
    public void Run(
        IReadOnlyDictionary<string, OrtValue> inputs,
        IReadOnlyCollection<string> outputNames,
        IReadOnlyList<OrtValue> outputs,
        CancellationToken cancellation = default)
    {
        SessionRequest request = _values.Request(inputs, outputNames, outputs);
        lock (_gate)
        {
            Answer(request, cancellation);
        }
    }

    /// <summary>Runs an inference, by a plain plan where the session's plan fails; the caller holds the gate.</summary>
    private void Answer<TRequest>(in TRequest request, CancellationToken cancellation)
        where TRequest : struct, ISessionRequest
    {
        try
        {
            request.Run(_executor, cancellation);
            Settle();
            Adapt();
        }
        catch (Exception e) when (LocalPlans.AreNeeded(_executor, e, cancellation))
        {
            FallBack(e, request, cancellation);
        }
    }

    private void Settle()
    {
        if (!_isSettled)
        {
            _isSettled = true;
            _deployment.Settle();
        }
    }

    private void Adapt()
    {
        PlanChangedEventArgs? change = null;
        // An inference that left early says nothing of the steps that it did without.
        _executor = _executor.HasLeftEarly ? _executor : _adaptation?.AfterRun(_executor, out change) ?? _executor;
        if (change is not null)
        {
            PlanChanged?.Invoke(this, change);
        }
    }

    /// <summary>
    /// Answers the inference by the first plain plan that can, keeps that plan, and reports the failure once. Where none can, the
    /// failure is the caller's, and the next inference tries again.
    /// </summary>
    private void FallBack<TRequest>(Exception failure, TRequest request, CancellationToken cancellation)
        where TRequest : struct, ISessionRequest
    {
        PlanExecutor failed = _executor;
        PlanExecutor? executor = LocalPlans.RunByFirst(
            LocalPlans.Instead(failed, _deployment, _device), Start, next => request.Run(next, cancellation), Drop,
            failure, cancellation, out Exception unanswered);
        if (executor is null)
        {
            ExceptionDispatchInfo.Throw(unanswered);
        }
        _executor = executor;
        Drop(failed);
        StopAdapting();
        ProcessorFailed?.Invoke(this, new ProcessorFailedEventArgs(failed.Plan, executor.Plan, failure));
    }

    /// <summary>The other plans need the processor that failed, or were made in the belief that it works.</summary>
    private void StopAdapting()
    {
        if (_adaptation is not null)
        {
            _adaptation.Stop();
            _hanging.Add(_adaptation.Ended);
            _adaptation = null;
        }
    }

    private PlanExecutor Start(Plan plan) => _deployment.Start(plan, _runTimeout);

    /// <summary>Ends an executor that is not needed any more; what a worker that hangs holds is waited for when all is freed.</summary>
    private void Drop(PlanExecutor? executor)
    {
        executor?.Dispose();
        if (executor is { Freed.IsCompleted: false })
        {
            _hanging.Add(executor.Freed);
        }
    }

    /// <summary>Waits for a running inference and frees everything; what a processor that hangs still uses is freed when it comes back.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }
            _isDisposed = true;
            _adaptation?.Dispose();
            StopAdapting();
            Drop(_executor);
            if (_hanging.TrueForAll(freed => freed.IsCompleted))
            {
                DisposeProcessors();
            }
            else
            {
                Task.WhenAll(_hanging).ContinueWith(_ => DisposeProcessors(), TaskScheduler.Default);
            }
        }
    }

    private void DisposeProcessors()
    {
        _deployment.Dispose();
        DisposeDevice();
    }

    private void DisposeDevice()
    {
        if (_ownsDevice)
        {
            _device.Dispose();
        }
    }
}
