using System.Runtime.ExceptionServices;
using Tandem.Graphs;
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
/// Safe for use by several threads: their inferences run one after another. When a processor fails, the inference is run
/// again on a plan that does without it, that plan is kept, and <see cref="ProcessorFailed"/> is raised once.
/// </remarks>
public sealed class CooperativeSession : IDisposable
{
    private readonly LocalDevice _device;
    private readonly bool _ownsDevice;
    private readonly Deployment _deployment;
    private readonly Lock _gate = new();
    private readonly Queue<Plan> _fallbacks;
    private PlanExecutor _executor;
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
        _ownsDevice = options.Device is null;
        _device = options.Device ?? LocalDevice.Open(options.DeviceOptions);
        try
        {
            Network network = GraphPreparation.Prepare(model);
            // The prepared network stands for the model, whose weights are then held by nobody here.
            _deployment = new Deployment(network.Graph, network, _device, options.Deployment);
            Plan plan = options.Plan ?? _deployment.PlanBy(options.Policy);
            _executor = _deployment.Start(plan);
            _fallbacks = new Queue<Plan>(LocalPlans(plan));
        }
        catch
        {
            _deployment?.Dispose();
            DisposeDevice();
            throw;
        }
    }

    /// <summary>Raised once for each processor that failed, on the thread whose inference it was.</summary>
    public event EventHandler<ProcessorFailedEventArgs>? ProcessorFailed;

    /// <summary>Names of the inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames => [.. Graph.Inputs.Select(i => i.Name)];

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => [.. Graph.Outputs.Select(o => o.Name)];

    /// <summary>Type and shape of each input by name.</summary>
    public IReadOnlyDictionary<string, Tensor> InputMetadata => Graph.Inputs.ToDictionary(i => i.Name);

    /// <summary>Type and shape of each output by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OutputMetadata => Graph.Outputs.ToDictionary(o => o.Name);

    /// <summary>The plan in use.</summary>
    public Plan Plan
    {
        get { lock (_gate) { return _executor.Plan; } }
    }

    /// <summary>What happened in the last inference.</summary>
    public Trace LastTrace
    {
        get { lock (_gate) { return _executor.LastTrace; } }
    }

    private Graph Graph => _deployment.Network.Graph;

    /// <summary>Runs the network and gives every output.</summary>
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
        OrtValue[] outputs = [.. outputNames.Select(NewOutput)];
        try
        {
            Run(inputs, outputNames, outputs, cancellation);
            return outputs;
        }
        catch
        {
            foreach (OrtValue output in outputs)
            {
                output.Dispose();
            }
            throw;
        }
    }

    /// <summary>Runs the network into values that the caller made.</summary>
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
        InputCheck.Require(Graph, inputs);
        if (outputs.Count != outputNames.Count)
        {
            throw new InputException($"{outputNames.Count} outputs are named, but {outputs.Count} values are given for them");
        }
        foreach ((string name, OrtValue value) in outputNames.Zip(outputs))
        {
            InputCheck.RequireFit(FindOutput(name), value, "output");
        }
        var request = new Request(inputs, outputNames, outputs);
        lock (_gate)
        {
            while (true)
            {
                try
                {
                    _executor.Run(request, static (r, executor) => r.Fill(executor), static (r, executor) => r.Take(executor), cancellation);
                    Settle();
                    return;
                }
                catch (Exception e) when (e is not OperationCanceledException and not ObjectDisposedException && _fallbacks.Count > 0)
                {
                    FallBack(e);
                }
            }
        }
    }

    /// <summary>After the first inference: what opening and compiling used, weights on disk included, is not needed any more.</summary>
    private void Settle()
    {
        if (!_isSettled)
        {
            _isSettled = true;
            _deployment.TrimCompiled();
            MappedWeights.Discard(Graph);
            UnusedMemory.ReturnToSystem();
        }
    }

    /// <summary>Goes on with the next plain plan that can be started; where none can, the failure is the caller's.</summary>
    private void FallBack(Exception failure)
    {
        while (_fallbacks.TryDequeue(out Plan? next))
        {
            PlanExecutor executor;
            try
            {
                executor = _deployment.Start(next);
            }
            catch (TandemException)
            {
                // This processor refuses the network or has failed too.
                continue;
            }
            PlanExecutor failed = _executor;
            _executor = executor;
            failed.Dispose();
            ProcessorFailed?.Invoke(this, new ProcessorFailedEventArgs(failed.Plan, executor.Plan, failure));
            return;
        }
        ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Plain plans to fall back to, those first that use none of the failing plan's processors but the CPU.</summary>
    private IEnumerable<Plan> LocalPlans(Plan plan)
    {
        foreach (string name in new[] { LocalDevice.CpuName, LocalDevice.AllCoresName })
        {
            if (_device.ByName.ContainsKey(name) && !(plan.Steps.Count == 1 && plan.Steps[0].Processor == name))
            {
                yield return _deployment.PlainPlan(name);
            }
        }
    }

    private Tensor FindOutput(string name) => Graph.Outputs.FirstOrDefault(o => o.Name == name)
        ?? throw new InputException($"the model has no output '{name}': it has {string.Join(", ", OutputNames)}");

    private OrtValue NewOutput(string name)
    {
        Tensor output = FindOutput(name);
        return OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)output.Type, [.. output.Shape]);
    }

    /// <summary>Waits for a running inference and frees everything.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _executor.Dispose();
            _deployment.Dispose();
            DisposeDevice();
        }
    }

    private void DisposeDevice()
    {
        if (_ownsDevice)
        {
            _device.Dispose();
        }
    }

    private readonly record struct Request(
        IReadOnlyDictionary<string, OrtValue> Inputs,
        IReadOnlyCollection<string> OutputNames,
        IReadOnlyList<OrtValue> Outputs)
    {
        public void Fill(PlanExecutor executor)
        {
            foreach ((string name, OrtValue value) in Inputs)
            {
                if (executor.Touches(name))
                {
                    value.GetTensorMutableRawData().CopyTo(executor.Memory(name).AsSpan<byte>());
                }
            }
        }

        public void Take(PlanExecutor executor)
        {
            int index = 0;
            foreach (string name in OutputNames)
            {
                executor.Memory(name).AsSpan<byte>().CopyTo(Outputs[index++].GetTensorMutableRawData());
            }
        }
    }
}
