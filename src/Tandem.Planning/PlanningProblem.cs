using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Prediction;

namespace Tandem.Planning;

/// <summary>What a policy decides about.</summary>
/// <param name="Network">The network.</param>
/// <param name="Cooperating">
/// The processors that may work side by side, the one for the first share first ("cpu", "gpu"), then second engines of the same hardware
/// ("cpu-opencl"), which take turns with the first.
/// </param>
/// <param name="AllCores">
/// What a user would take without this product: ONNX Runtime on all cores. It does not cooperate, because it shares cores with
/// the others; null where it does not exist.
/// </param>
/// <param name="Predictor">Predicts how long slices take.</param>
/// <param name="HandOverMs">What it costs to wait for another processor, each time, in milliseconds.</param>
public sealed record PlanningProblem(
    Network Network,
    IReadOnlyList<PlanProcessor> Cooperating,
    PlanProcessor? AllCores,
    SlicePredictor Predictor,
    double HandOverMs)
{
    /// <summary>Makes plans of a policy's decisions.</summary>
    public PlanAssembler Assembler { get; } =
        new(Network, Predictor.Keys.Whole, HandOverMs, Cooperating.ToDictionary(p => p.Name, p => p.Worker));

    /// <summary>One processor for each worker: the first engine of all hardware, as systems know it that know one engine each.</summary>
    public IReadOnlyList<PlanProcessor> FirstEngines => [.. Cooperating.Where(p => p.Worker == p.Name)];

    /// <summary>What the plan shall be good at. Policies of other systems know latency only.</summary>
    public PlanObjective Objective { get; init; } = PlanObjective.LeastLatency;

    /// <summary>
    /// How far 8-bit kernels may take the outputs from those in float32; null where the user allows nothing. Only policies that say so
    /// (<see cref="IPolicy.UsesAccuracyBudget"/>) look at it.
    /// </summary>
    public AccuracyBudget? Accuracy { get; init; }

    /// <summary>
    /// The energy of a part of an inference in millijoules: each processor's active power while it runs its steps, and its idle
    /// power for the rest. Processors whose power is not known count nothing.
    /// </summary>
    /// <param name="totalMs">How long the part takes, in milliseconds.</param>
    /// <param name="drafts">What runs in it.</param>
    public double EnergyMillijoules(double totalMs, IEnumerable<StepDraft> drafts)
    {
        double energy = FirstEngines.Sum(p => p.Power?.IdleWatts ?? 0) * totalMs;
        foreach (StepDraft draft in drafts)
        {
            ProcessorPower power = Cooperating.First(p => p.Name == draft.Processor).Power ?? default;
            energy += (power.ActiveWatts - power.IdleWatts) * draft.PredictedMs;
        }
        return energy;
    }

    /// <summary>The energy that a plan is expected to take, in millijoules; null where the power of a processor that has steps is not known.</summary>
    public double? EnergyOf(Plan plan) =>
        plan.Processors.All(name => Cooperating.Any(p => p.Name == name && p.Power is not null))
            ? EnergyMillijoules(plan.PredictedMs, plan.Steps.Select(s => new StepDraft(s.Processor, s.Slice, s.PredictedMs)))
            : null;

    /// <summary>What is to be made least: the latency in milliseconds, or the energy in millijoules; infinite above the limit.</summary>
    /// <param name="ms">How long an inference by the plan takes.</param>
    /// <param name="plan">The plan, with what its steps take.</param>
    public double Score(double ms, Plan plan)
    {
        double energy = EnergyOf(plan) ?? 0;
        return energy > Objective.EnergyLimitMillijoules ? double.PositiveInfinity : Objective.Goal == PlanGoal.Energy ? energy : ms;
    }

    /// <summary>The same problem when some processors are slower than they were measured.</summary>
    /// <param name="slowdowns">For names of processors, how many times as long everything takes.</param>
    public PlanningProblem SlowedBy(IReadOnlyDictionary<string, double> slowdowns) => this with
    {
        Predictor = Predictor.SlowedBy(Cooperating.Concat(AllCores is null ? [] : [AllCores])
            .Where(processor => slowdowns.ContainsKey(processor.Name))
            .DistinctBy(processor => processor.Key)
            .ToDictionary(processor => processor.Key, processor => slowdowns[processor.Name])),
    };

    /// <summary>The stages of a progressive network, between which nothing is planned as one; null for an ordinary one.</summary>
    internal ExitStages? Stages => Assembler.Stages;

    /// <summary>All kernels.</summary>
    public KernelRange AllKernels => new(0, Network.Kernels.Count);
}

/// <summary>A processor as plans know it.</summary>
/// <param name="Name">The name that steps use.</param>
/// <param name="Key">The key of its measurements.</param>
/// <param name="Power">What it draws; null where that is not known.</param>
public sealed record PlanProcessor(string Name, string Key, ProcessorPower? Power = null)
{
    /// <summary>
    /// The processor whose worker runs its steps: itself or, where it is a second engine of the same hardware, the first engine of that.
    /// Processors of one worker take turns.
    /// </summary>
    public string Worker { get; init; } = Name;

    /// <summary>Whether it has kernels for 8-bit integers.</summary>
    public bool HasIntegerKernels { get; init; }

    /// <summary>Whether it has kernels that store weights and tensors in half precision.</summary>
    public bool HasHalfPrecision { get; init; }
}
