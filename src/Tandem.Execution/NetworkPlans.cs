using Tandem.Execution.Accuracy;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Planning.Policies;

namespace Tandem.Execution;

/// <summary>
/// The plans of one network on one device, by policy: tuned or chosen by running them, made once and kept. Used by one thread at a time.
/// </summary>
/// <param name="compiled">What is compiled of the network.</param>
/// <param name="device">The processors.</param>
/// <param name="profile">What is known of the network's kernels.</param>
/// <param name="options">How much to spend.</param>
/// <param name="cache">Where plans are kept; null keeps them in memory only.</param>
/// <param name="accuracy">What is known of the network's accuracy; null where the user allows no error.</param>
internal sealed class NetworkPlans(
    CompiledSlices compiled, LocalDevice device, NetworkProfile profile, DeploymentOptions options, PlanCache? cache, NetworkAccuracy? accuracy)
{
    /// <summary>The policies among whose plans and the plain ones 'tandem' chooses.</summary>
    internal static readonly string[] Rivals = [PolicyNames.Segments, PolicyNames.Codl, PolicyNames.MuLayer];

    // The inputs that plans are tuned on; latency hardly depends on them, so any fixed numbers do.
    private const int TuningSeed = 7;

    private readonly Network _network = compiled.Network;
    private readonly Dictionary<string, Plan> _plans = [];

    /// <summary>The plan of a policy, tuned by running it; made once.</summary>
    /// <exception cref="PlanException">There is no such policy, or it has no plan for this network on this device.</exception>
    public Plan PlanBy(string policy, CancellationToken cancellation)
    {
        if (!_plans.TryGetValue(policy, out Plan? plan))
        {
            IPolicy known = PolicyRegistry.Find(policy);
            plan = cache?.Find(policy);
            if (plan is null)
            {
                (plan, bool isSteady) = MakePlan(known, cancellation);
                if (isSteady)
                {
                    cache?.Keep(plan);
                }
            }
            _plans[policy] = plan;
        }
        return plan;
    }

    /// <summary>Forgets the plan of a policy, stored or not, so that it is made again when it is next asked for.</summary>
    public void Forget(string policy)
    {
        _plans.Remove(policy);
        cache?.Drop(policy);
    }

    /// <summary>The way that was chosen before to run a stream of inferences, and kept; null where none was.</summary>
    public ThroughputChoice? FindThroughput() => cache?.FindThroughput();

    /// <summary>Keeps a choice of how to run a stream of inferences where the runs that it rests on were steady.</summary>
    public void Keep(ThroughputChoice choice)
    {
        if (choice.IsSteady)
        {
            cache?.Keep(choice);
        }
    }

    /// <summary>Uses a plan that was made before, in place of what its policy would make now.</summary>
    public void Adopt(Plan plan) => _plans[plan.Policy] = plan;

    /// <summary>The plain plan of a processor; needs no profile.</summary>
    public Plan PlainPlan(string processor) => new PlanAssembler(_network, GraphSignature.Of(_network.Graph), 0).Assemble(
        processor, [new StepDraft(processor, SliceSpec.Of(new KernelRange(0, _network.Kernels.Count)), 0)]);

    /// <summary>The plain plans that this device and network allow.</summary>
    public IReadOnlyList<Plan> PlainPlans()
    {
        List<Plan> plans = [];
        foreach (IPolicy policy in PolicyRegistry.All.OfType<SingleProcessorPolicy>())
        {
            try
            {
                plans.Add(policy.MakePlan(profile.Problem));
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
        if (policy.Name != PolicyNames.Tandem || options.Objective.NeedsPower)
        {
            PlanningProblem problem = profile.Problem;
            profile.EnsureProfiledFor(policy.Int8Measurements, policy.NeedsHalfMeasurements, compiled.Quantizer, cancellation);
            Plan tuned = policy.UsesAccuracyBudget && Budgeted(cancellation) is { } budgeted
                ? budgeted.Tune(policy, problem, allowed => Tune(policy, allowed, cancellation))
                : Tune(policy, problem, cancellation);
            return new(tuned with { PredictedMillijoules = problem.EnergyOf(tuned) }, IsSteady: true);
        }
        IReadOnlyList<Plan> plain = PlainPlans();
        List<Plan> candidates = [.. plain, .. CooperativePlans(plain, cancellation), .. QuantizedPlainPlans(cancellation)];
        PlanChoice choice = new PlanChooser(StartForTuning, options.Tuning).Choose(candidates, cancellation);
        compiled.Trim();
        return choice with { Plan = choice.Plan with { Policy = PolicyNames.Tandem } };
    }

    private Plan Tune(IPolicy policy, PlanningProblem problem, CancellationToken cancellation) =>
        new PlanTuner(problem, compiled, device.ByName, options.Tuning, FillForTuning, options.Time).Tune(policy, cancellation);

    /// <summary>What makes plans within the user's budget of error; null where there is none, or nothing to quantise or to run that on.</summary>
    private BudgetedPlans? Budgeted(CancellationToken cancellation) => device.All.FirstOrDefault(NetworkProfile.HasIntegerKernels) is { } exact
        ? accuracy?.FindPlans(
            compiled, PlainPlan(exact.Info.Name), Start,
            () => profile.EnsureProfiledFor(Int8Measurements.Slices, needsHalf: false, compiled.Quantizer, cancellation), cancellation)
        : null;

    /// <summary>The whole network in 8 bits on all cores, where the user's budget of error allows that.</summary>
    private List<Plan> QuantizedPlainPlans(CancellationToken cancellation)
    {
        List<Plan> plans = [];
        if (device.AllCores is not null && Budgeted(cancellation) is { } budgeted)
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
        string[] alone = accuracy is null ? [] : [PolicyNames.Segments];
        foreach (string policy in device.Cooperating.Count > 1 ? Rivals : alone)
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

    private PlanExecutor Start(Plan plan) => new(plan, compiled, device.ByName);

    private PlanExecutor StartForTuning(Plan plan)
    {
        PlanExecutor executor = Start(plan);
        FillForTuning(executor);
        return executor;
    }

    private void FillForTuning(PlanExecutor executor)
    {
        foreach (Tensor input in _network.Graph.Inputs.Where(i => executor.Touches(i.Name)))
        {
            SeededInputs.Fill(_network.Graph, input, executor.Memory(input.Name), TuningSeed);
        }
    }
}
