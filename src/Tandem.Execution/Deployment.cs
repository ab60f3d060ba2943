using Tandem.Execution.Accuracy;
using Tandem.Execution.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Prediction.Kernels;
using Tandem.Prediction.Store;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Profiling;

namespace Tandem.Execution;

/// <summary>
/// One network on one device: prepared, profiled when a plan first needs it, planned by any policy, ready to run. Used by one
/// thread at a time; the executors it starts are free.
/// </summary>
public sealed class Deployment : IDisposable
{
    private const double DefaultHandOverMicroseconds = 2;

    /// <summary>The policies among whose plans and the plain ones 'tandem' chooses.</summary>
    internal static readonly string[] Rivals = [PolicyNames.Segments, PolicyNames.Codl, PolicyNames.MuLayer];

    // The inputs that plans are tuned on; latency hardly depends on them, so any fixed numbers do.
    private const int TuningSeed = 7;

    private readonly LocalDevice _device;
    private readonly DeploymentOptions _options;
    private readonly CompiledSlices _compiled;
    private readonly Profile _profile = new();
    private readonly Dictionary<string, Plan> _plans = [];
    private readonly PlanCache? _cache;
    private readonly NetworkAccuracy? _accuracy;
    private PlanningProblem? _problem;

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
        _options = options ?? new DeploymentOptions();
        _options.Objective.RequirePowers(device.Cooperating.Select(AsPlanned));
        var calibration = new CalibrationInputs(network.Graph, _options.Calibration);
        _compiled = new CompiledSlices(network, new NetworkQuantizer(network, () => calibration.Ranges));
        string? plans = _options.ProfilePath is { } path ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "plans") : null;
        _accuracy = NetworkAccuracy.Of(network, _options, calibration, plans);
        _cache = plans is null ? null : new PlanCache(plans, network, device, _options, _accuracy?.Key ?? "");
        if (DeviceChoices.Exist(device.Cooperating))
        {
            // Plans may be compiled before anything else is asked of the profile.
            using ProfileStore? store = FindStore();
            _ = store is not null && Load(store);
        }
    }

    /// <summary>The network as loaded.</summary>
    public Graph Model { get; }

    /// <summary>The network as it is planned: constants folded, kernels known.</summary>
    public Network Network { get; }

    /// <summary>What is known of the device; complete for this network once <see cref="EnsureProfiled"/> was called.</summary>
    public Profile Profile => _profile;

    /// <summary>What policies decide about. Profiles the network first where that was not done.</summary>
    public PlanningProblem Problem => _problem ?? EnsureProfiled();

    /// <summary>Measures what the stored profile lacks of this network, and keeps it.</summary>
    /// <exception cref="TandemException">The time limit was too short to measure every kernel once.</exception>
    public PlanningProblem EnsureProfiled(CancellationToken cancellation = default)
    {
        Measure(profiler =>
        {
            new HandOverProfiler(_options.Profiling, _options.Time).Choose(_device.Cooperating, _profile);
            if (_options.Profiling.Again || _profile.Cost(CostNames.Memory, CostNames.RowCopy, 0) == 0)
            {
                new LinkProfiler(_options.Profiling, _options.Time).Measure(_device.Cooperating, _profile);
            }
            if (_options.EstimatesKernels && _device.Cooperating.All(p => KernelEstimates.Samples(_profile, p.Info.Key).Any()))
            {
                return;
            }
            new KernelTuner(_options.Profiling, _options.Time).Tune(Network, _device.Cooperating, _profile, _options.Progress, cancellation);
            IProcessor[] wholeOnly = _device.AllCores is null ? [] : [_device.AllCores];
            profiler.Measure(Network, _device.Cooperating, wholeOnly, _profile, _options.Progress, cancellation);
        });
        return _problem = NewProblem();
    }

    /// <summary>Measures what a policy must know of kernels in other precisions and the stored profile lacks, and keeps it.</summary>
    private void EnsureProfiledFor(Int8Measurements wanted, bool needsHalf, CancellationToken cancellation)
    {
        IProcessor[] half = needsHalf ? [.. _device.Cooperating.Where(p => p.HasHalfPrecision)] : [];
        IProcessor[] int8 = wanted != Int8Measurements.None ? [.. _device.All.Where(HasIntegerKernels)] : [];
        IProcessor[] shared = wanted >= Int8Measurements.Kernels ? [.. int8.Intersect(_device.Cooperating)] : [];
        if (half.Length + int8.Length == 0)
        {
            return;
        }
        try
        {
            Measure(profiler =>
            {
                profiler.MeasureInt8(
                    Network, shared, [.. int8.Except(shared)], _compiled.Quantizer.Quantize, _profile, _options.Progress,
                    wanted == Int8Measurements.Slices, cancellation);
                profiler.MeasureHalf(Network, half, _profile, _options.Progress, cancellation);
            });
        }
        catch (QuantizationException e)
        {
            throw new PlanException(e.Message, e);
        }
    }

    /// <summary>What makes plans within the user's budget of error; null where there is none, or nothing to quantise or to run that on.</summary>
    private BudgetedPlans? Budgeted(CancellationToken cancellation) => _device.All.FirstOrDefault(HasIntegerKernels) is { } exact
        ? _accuracy?.FindPlans(
            _compiled, PlainPlan(exact.Info.Name), Start, () => EnsureProfiledFor(Int8Measurements.Slices, needsHalf: false, cancellation), cancellation)
        : null;

    private void Measure(Action<NetworkProfiler> measure)
    {
        using ProfileStore? store = _options.ProfilePath is { } path ? OpenStore(path) : null;
        _ = store is not null && Load(store);
        try
        {
            measure(new NetworkProfiler(_options.Profiling, _options.Time));
        }
        finally
        {
            if (store is not null)
            {
                _profile.Save(store);
            }
        }
    }

    private ProfileStore OpenStore(string path) => new(path, DeviceFingerprint.Current(), _options.Warn);

    private ProfileStore? FindStore() => _options.ProfilePath is { } path && File.Exists(path) ? OpenStore(path) : null;

    private bool Load(ProfileStore store)
    {
        _profile.Load(store, _device.All.Select(p => p.Info.Key));
        DeviceChoices.Apply(_profile, _device.Cooperating);
        return _profile.Samples.Count > 0;
    }

    private PlanningProblem NewProblem() => new(
        Network,
        [.. _device.Cooperating.Select(AsPlanned)],
        _device.AllCores is null ? null : AsPlanned(_device.AllCores),
        new SlicePredictor(Network, _profile, _options.EstimatesKernels ? new KernelEstimates(Network, _profile) : null),
        _profile.Cost(CostNames.Memory, CostNames.HandOver, DefaultHandOverMicroseconds) / 1000)
    {
        Objective = _options.Objective,
    };

    /// <summary>
    /// What policies decide about, from what is known already: measures nothing. Null where nothing is stored; what is stored
    /// may lack kernels, of which the predictor then says so.
    /// </summary>
    internal PlanningProblem? FindProblem()
    {
        using ProfileStore? store = _problem is null ? FindStore() : null;
        return _problem ??= store is not null && Load(store) ? NewProblem() : null;
    }

    /// <summary>The plan of a policy, tuned by running it; made once.</summary>
    /// <exception cref="PlanException">There is no such policy, or it has no plan for this network on this device.</exception>
    public Plan PlanBy(string policy, CancellationToken cancellation = default)
    {
        if (!_plans.TryGetValue(policy, out Plan? plan))
        {
            IPolicy known = PolicyRegistry.Find(policy);
            plan = _cache?.Find(policy);
            if (plan is null)
            {
                (plan, bool isSteady) = MakePlan(known, cancellation);
                if (isSteady)
                {
                    _cache?.Keep(plan);
                }
            }
            _plans[policy] = plan;
        }
        return plan;
    }

    /// <summary>Compiles a plan and makes it ready to run. The caller disposes the executor before the deployment.</summary>
    public PlanExecutor Start(Plan plan) => Start(plan, Timeout.InfiniteTimeSpan);

    /// <summary>The same, of an executor whose inferences fail when they take longer than a time limit.</summary>
    public PlanExecutor Start(Plan plan, TimeSpan timeout) => Start(plan, timeout, null);

    /// <summary>The same, of one of several executors that take turns on their processors.</summary>
    internal PlanExecutor Start(Plan plan, TimeSpan timeout, ProcessorTurns? turns) =>
        new(plan, _compiled, _device.ByName, turns) { Timeout = timeout };

    /// <summary>The plain plan of a processor; needs no profile.</summary>
    public Plan PlainPlan(string processor) => new PlanAssembler(Network, GraphSignature.Of(Network.Graph), 0).Assemble(
        processor, [new StepDraft(processor, SliceSpec.Of(new KernelRange(0, Network.Kernels.Count)), 0)]);

    /// <summary>Forgets the plan of a policy, stored or not, so that it is made again when it is next asked for.</summary>
    public void Forget(string policy)
    {
        _plans.Remove(policy);
        _cache?.Drop(policy);
    }

    /// <summary>Uses a plan that was made before, in place of what its policy would make now.</summary>
    public void Adopt(Plan plan) => _plans[plan.Policy] = plan;

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

    /// <summary>The plain plans that this device and network allow.</summary>
    public IReadOnlyList<Plan> PlainPlans()
    {
        List<Plan> plans = [];
        foreach (IPolicy policy in PolicyRegistry.All.OfType<SingleProcessorPolicy>())
        {
            try
            {
                plans.Add(policy.MakePlan(Problem));
            }
            catch (PlanException)
            {
                // This processor is not there or refuses a kernel; the others remain.
            }
        }
        return plans;
    }

    private PlanChoice MakePlan(IPolicy policy, CancellationToken cancellation)
    {
        // A plain plan is never chosen for energy where the policy, which knows plans of one processor too, found a better one.
        if (policy.Name != PolicyNames.Tandem || _options.Objective.NeedsPower)
        {
            PlanningProblem problem = Problem;
            EnsureProfiledFor(policy.Int8Measurements, policy.NeedsHalfMeasurements, cancellation);
            Plan tuned = policy.UsesAccuracyBudget && Budgeted(cancellation) is { } budgeted
                ? budgeted.Tune(policy, problem, allowed => Tune(policy, allowed, cancellation))
                : Tune(policy, problem, cancellation);
            return new(tuned with { PredictedMillijoules = problem.EnergyOf(tuned) }, IsSteady: true);
        }
        IReadOnlyList<Plan> plain = PlainPlans();
        List<Plan> candidates = [.. plain, .. CooperativePlans(plain, cancellation), .. QuantizedPlainPlans(cancellation)];
        PlanChoice choice = new PlanChooser(StartForTuning, _options.Tuning).Choose(candidates, cancellation);
        _compiled.Trim();
        return choice with { Plan = choice.Plan with { Policy = PolicyNames.Tandem } };
    }

    private Plan Tune(IPolicy policy, PlanningProblem problem, CancellationToken cancellation) =>
        new PlanTuner(problem, _compiled, _device.ByName, _options.Tuning, FillForTuning, _options.Time).Tune(policy, cancellation);

    /// <summary>The whole network in 8 bits on all cores, where the user's budget of error allows that.</summary>
    private List<Plan> QuantizedPlainPlans(CancellationToken cancellation)
    {
        List<Plan> plans = [];
        if (_device.AllCores is not null && Budgeted(cancellation) is { } budgeted)
        {
            Plan plan = PlanBy(PolicyNames.OrtInt8AllCores, cancellation);
            double error = budgeted.MeasureError(plan);
            if (budgeted.Allows(error))
            {
                plans.Add(plan with { MeasuredError = error });
            }
        }
        return plans;
    }

    /// <summary>What policies that divide the network between processors make of it; predictions do not decide between them, runs do.</summary>
    private List<Plan> CooperativePlans(IReadOnlyList<Plan> plain, CancellationToken cancellation)
    {
        List<Plan> plans = [];
        // On one processor there is nothing to divide, but 8-bit kernels may be faster.
        string[] alone = _accuracy is null ? [] : [PolicyNames.Segments];
        foreach (string policy in _device.Cooperating.Count > 1 ? Rivals : alone)
        {
            try
            {
                Plan plan = PlanBy(policy, cancellation);
                if (!plain.Concat(plans).Any(other => PlanShape.Of(other) == PlanShape.Of(plan)))
                {
                    plans.Add(plan);
                }
            }
            catch (PlanException)
            {
                // This policy has no plan for the network; the others remain.
            }
        }
        return plans;
    }

    private PlanExecutor StartForTuning(Plan plan)
    {
        PlanExecutor executor = Start(plan);
        FillForTuning(executor);
        return executor;
    }

    private void FillForTuning(PlanExecutor executor)
    {
        foreach (Tensor input in Network.Graph.Inputs.Where(i => executor.Touches(i.Name)))
        {
            SeededInputs.Fill(Network.Graph, input, executor.Memory(input.Name), TuningSeed);
        }
    }

    private PlanProcessor AsPlanned(IProcessor processor) => new(
        processor.Info.Name, processor.Info.Key, PowerOf(processor.Info.Name) ?? PowerOf(processor.Info.Worker))
    {
        Worker = processor.Info.Worker,
        HasIntegerKernels = HasIntegerKernels(processor),
        HasHalfPrecision = processor.HasHalfPrecision,
    };

    private ProcessorPower? PowerOf(string processor) => _options.Powers.TryGetValue(processor, out ProcessorPower power) ? power : null;

    private static bool HasIntegerKernels(IProcessor processor) =>
        processor is OrtProcessor && processor.Info.Kind == ProcessorKind.Cpu;

    /// <summary>Frees what is compiled.</summary>
    public void Dispose() => _compiled.Dispose();
}
