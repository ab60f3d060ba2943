using Tandem.Execution.Accuracy;
using Tandem.Execution.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// One network on one device: prepared, profiled when a plan first needs it, planned by any policy, ready to run. Used by one
/// thread at a time; the executors it starts are free.
/// </summary>
public sealed class Deployment : IDisposable
{
    private readonly LocalDevice _device;
    private readonly CompiledSlices _compiled;
    private readonly NetworkProfile _profile;
    private readonly NetworkPlans _plans;

    /// <summary>Prepares a network.</summary>
    /// <param name="model">The network as loaded from its file.</param>
    /// <param name="device">The processors; must outlive the deployment.</param>
    /// <param name="options">How it is profiled and planned.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot run the network.</exception>
    public Deployment(Graph model, LocalDevice device, DeploymentOptions? options = null)
        : this(model, GraphPreparation.Prepare(model), device, options) { }

    /// <summary>Takes a network that is prepared already.</summary>
    /// <param name="model">The network as loaded from its file.</param>
    /// <param name="network">The same, prepared.</param>
    /// <param name="device">The processors; must outlive the deployment.</param>
    /// <param name="options">How it is profiled and planned.</param>
    public Deployment(Graph model, Network network, LocalDevice device, DeploymentOptions? options = null)
    {
        Model = model;
        Network = network;
        _device = device;
        options ??= new DeploymentOptions();
        _profile = new NetworkProfile(network, device, options);
        options.Objective.RequirePowers(_profile.Cooperating);
        var calibration = new CalibrationInputs(network.Graph, options.Calibration);
        _compiled = new CompiledSlices(network, new NetworkQuantizer(network, () => calibration.Ranges));
        string? folder = options.ProfilePath is { } path ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "plans") : null;
        var accuracy = NetworkAccuracy.Of(network, options, calibration, folder);
        PlanCache? cache = folder is null ? null : new PlanCache(folder, network, device, options, accuracy?.Key ?? "");
        _plans = new NetworkPlans(_compiled, device, _profile, options, cache, accuracy);
        if (DeviceChoices.Exist(device.Cooperating))
        {
            // Plans may be compiled before anything else is asked of the profile.
            _profile.TryLoad();
        }
    }

    /// <summary>The network as loaded.</summary>
    public Graph Model { get; }

    /// <summary>The network as it is planned: constants folded, kernels known.</summary>
    public Network Network { get; }

    /// <summary>What is known of the device; complete for this network once <see cref="EnsureProfiled"/> was called.</summary>
    public Profile Profile => _profile.Profile;

    /// <summary>What policies decide about. Profiles the network first where that was not done.</summary>
    public PlanningProblem Problem => _profile.Problem;

    /// <summary>Measures what the stored profile lacks of this network, and keeps it.</summary>
    /// <exception cref="TandemException">The time limit was too short to measure every kernel once.</exception>
    public PlanningProblem EnsureProfiled(CancellationToken cancellation = default) => _profile.EnsureProfiled(cancellation);

    /// <inheritdoc cref="NetworkProfile.FindProblem"/>
    internal PlanningProblem? FindProblem() => _profile.FindProblem();

    /// <summary>The plan of a policy, tuned by running it; made once.</summary>
    /// <exception cref="PlanException">There is no such policy, or it has no plan for this network on this device.</exception>
    public Plan PlanBy(string policy, CancellationToken cancellation = default) => _plans.PlanBy(policy, cancellation);

    /// <summary>The plain plan of a processor; needs no profile.</summary>
    public Plan PlainPlan(string processor) => _plans.PlainPlan(processor);

    /// <summary>The plain plans that this device and network allow.</summary>
    public IReadOnlyList<Plan> PlainPlans() => _plans.PlainPlans();

    /// <summary>Forgets the plan of a policy, stored or not, so that it is made again when it is next asked for.</summary>
    public void Forget(string policy) => _plans.Forget(policy);

    /// <summary>Uses a plan that was made before, in place of what its policy would make now.</summary>
    public void Adopt(Plan plan) => _plans.Adopt(plan);

    /// <inheritdoc cref="NetworkPlans.FindThroughput"/>
    internal ThroughputChoice? FindThroughput() => _plans.FindThroughput();

    /// <inheritdoc cref="NetworkPlans.Keep"/>
    internal void Keep(ThroughputChoice choice) => _plans.Keep(choice);

    /// <summary>Compiles a plan and makes it ready to run. The caller disposes the executor before the deployment.</summary>
    public PlanExecutor Start(Plan plan) => Start(plan, Timeout.InfiniteTimeSpan);

    /// <summary>The same, of an executor whose inferences fail when they take longer than a time limit.</summary>
    public PlanExecutor Start(Plan plan, TimeSpan timeout) => Start(plan, timeout, null);

    /// <summary>The same, of one of several executors that take turns on their processors.</summary>
    internal PlanExecutor Start(Plan plan, TimeSpan timeout, ProcessorTurns? turns) =>
        new(plan, _compiled, _device.ByName, turns) { Timeout = timeout };

    /// <summary>Runs a plan once.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="feed">Fills the inputs.</param>
    /// <returns>The contents of each output by name.</returns>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Run(Plan plan, Action<PlanExecutor> feed)
    {
        using PlanExecutor executor = Start(plan);
        feed(executor);
        executor.Run();
        return Network.Graph.Outputs.ToDictionary(
            o => o.Name, o => (ReadOnlyMemory<byte>)executor.Memory(o.Name).AsSpan<byte>().ToArray());
    }

    /// <summary>Frees compiled slices that no executor uses.</summary>
    public void TrimCompiled() => _compiled.Trim();

    /// <summary>After the first inference: what opening and compiling used, weights on disk included, is not needed any more.</summary>
    internal void Settle()
    {
        TrimCompiled();
        MappedWeights.Discard(Network.Graph);
        UnusedMemory.ReturnToSystem();
    }

    /// <summary>Lets the system have what compiling has used and left: freed memory, and the weights that were read from disk.</summary>
    internal void ReleaseUnusedMemory()
    {
        MappedWeights.Discard(Network.Graph);
        UnusedMemory.ReturnInBackground();
    }

    /// <summary>Frees what is compiled.</summary>
    public void Dispose() => _compiled.Dispose();
}
