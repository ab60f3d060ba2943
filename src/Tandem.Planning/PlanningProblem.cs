using Tandem.Graphs.Kernels;
using Tandem.Prediction;

namespace Tandem.Planning;

/// <summary>What a policy decides about.</summary>
/// <param name="Network">The network.</param>
/// <param name="Cooperating">The processors that may work side by side, the one for the first share first ("cpu", "gpu").</param>
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
    public PlanAssembler Assembler { get; } = new(Network, Predictor.Keys.Whole, HandOverMs);

    /// <summary>The same problem when some processors are slower than they were measured.</summary>
    /// <param name="slowdowns">For names of processors, how many times as long everything takes.</param>
    public PlanningProblem SlowedBy(IReadOnlyDictionary<string, double> slowdowns) => this with
    {
        Predictor = Predictor.SlowedBy(Cooperating.Concat(AllCores is null ? [] : [AllCores])
            .Where(processor => slowdowns.ContainsKey(processor.Name))
            .DistinctBy(processor => processor.Key)
            .ToDictionary(processor => processor.Key, processor => slowdowns[processor.Name])),
    };

    /// <summary>All kernels.</summary>
    public KernelRange AllKernels => new(0, Network.Kernels.Count);
}

/// <summary>A processor as plans know it.</summary>
/// <param name="Name">The name that steps use.</param>
/// <param name="Key">The key of its measurements.</param>
public sealed record PlanProcessor(string Name, string Key)
{
    /// <summary>Whether it has kernels for 8-bit integers.</summary>
    public bool HasIntegerKernels { get; init; }
}
