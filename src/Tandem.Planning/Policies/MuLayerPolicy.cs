using Tandem.Graphs.Quantization;
using Tandem.Planning.Branches;
using Tandem.Prediction.MuLayer;

namespace Tandem.Planning.Policies;

/// <summary>
/// Divides every layer by output channels (pooling by its input channels) at the best of muLayer's coarse ratios 0, 1/4, 1/2, 3/4
/// and 1, with a synchronisation after each; where a network has parallel branches, gives whole branches to one processor each
/// instead where that is predicted to be faster, with one synchronisation for all of them.
/// </summary>
/// <remarks>
/// Kim et al., "muLayer", EuroSys 2019, in float32 or with its processor-friendly quantisation. As there, the plan is made once, offline, by the policy's own predictor, a
/// regression for each layer type (<see cref="RegressionLayerPredictor"/>); it does not learn from runs.
/// </remarks>
public sealed class MuLayerPolicy : IPolicy
{
    /// <summary>Makes the policy.</summary>
    /// <param name="name">One of <see cref="PolicyNames"/>.</param>
    public MuLayerPolicy(string name) => Name = name;

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Whether whole branches may be given to one processor each.</summary>
    public bool DistributesBranches { get; init; } = true;

    /// <summary>Makes the predictor of a processor from what was measured of it.</summary>
    public Func<IReadOnlyList<LayerSample>, ILayerPredictor> FitPredictor { get; init; } = RegressionLayerPredictor.Fit;

    /// <summary>
    /// Whether processors with integer kernels compute in 8 bits, each step quantising what it reads and giving float32, while the others
    /// stay in the precision that they are good at.
    /// </summary>
    public bool UsesIntegerKernels { get; init; }

    /// <summary>Whether processors with kernels in half precision use them, unless they compute in 8 bits.</summary>
    public bool UsesHalfPrecision { get; init; }

    /// <inheritdoc/>
    public bool NeedsHalfMeasurements => UsesHalfPrecision;

    /// <inheritdoc/>
    public Int8Measurements Int8Measurements => UsesIntegerKernels ? Int8Measurements.Kernels : Int8Measurements.None;

    /// <inheritdoc/>
    public bool LearnsFromRuns => false;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        if (problem.FirstEngines.Count < 2)
        {
            throw new PlanException($"policy '{Name}' needs two processors: 'tandem devices' lists what there is");
        }
        if (UsesIntegerKernels && !problem.FirstEngines.Any(p => p.HasIntegerKernels))
        {
            throw new PlanException($"policy '{Name}' needs a processor with kernels for 8-bit integers: 'tandem devices' lists what there is");
        }
        if (UsesHalfPrecision && !UsesIntegerKernels && !problem.Cooperating.Any(p => p.HasHalfPrecision))
        {
            throw new PlanException($"policy '{Name}' needs a GPU with kernels in half precision: 'tandem devices' lists what there is");
        }
        var costs = new MuLayerCosts(
            problem,
            problem.FirstEngines.ToDictionary(p => p.Name, p => FitPredictor(Samples(problem, p))),
            problem.FirstEngines.ToDictionary(p => p.Name, PrecisionOf));
        IReadOnlyList<BranchRegion> regions = DistributesBranches ? BranchFinder.Find(problem.Network) : [];
        return problem.Assembler.Assemble(Name, Best(costs, [.. Enumerable.Range(0, problem.Network.Kernels.Count)], regions).Drafts);
    }

    private NumericPrecision PrecisionOf(PlanProcessor processor) =>
        UsesIntegerKernels && processor.HasIntegerKernels ? NumericPrecision.Int8
        : UsesHalfPrecision && processor.HasHalfPrecision ? NumericPrecision.Float16
        : NumericPrecision.Float32;

    private IReadOnlyList<LayerSample> Samples(PlanningProblem problem, PlanProcessor processor)
    {
        NumericPrecision precision = PrecisionOf(processor);
        IReadOnlyList<LayerSample> samples = LayerSample.Of(problem.Network, problem.Predictor, processor.Key, precision);
        return samples.Count > 0 || precision == NumericPrecision.Float32
            ? samples
            : throw new PlanException($"policy '{Name}' needs measurements of "
                + $"{(precision == NumericPrecision.Int8 ? "8-bit" : "half precision")} kernels, and '{processor.Name}' has none: "
                + "make the plan with 'tandem plan', which measures them");
    }

    /// <summary>
    /// The best steps for some kernels, in the order of the network; a region's all come where its first kernel does, since they read
    /// nothing but what its fork made.
    /// </summary>
    private static (List<StepDraft> Drafts, double CostMs) Best(
        MuLayerCosts costs, IReadOnlyList<int> kernels, IReadOnlyList<BranchRegion> regions)
    {
        List<StepDraft> drafts = [];
        double sumMs = 0;
        HashSet<int> done = [];
        foreach (int kernel in kernels)
        {
            if (done.Contains(kernel))
            {
                continue;
            }
            (IReadOnlyList<StepDraft> next, double costMs) = regions.FirstOrDefault(r => r.Kernels[0] == kernel) is { } region
                ? Best(costs, region, done)
                : costs.Layer(kernel);
            drafts.AddRange(next);
            sumMs += costMs;
        }
        return (drafts, sumMs);
    }

    private static (IReadOnlyList<StepDraft> Drafts, double CostMs) Best(
        MuLayerCosts costs, BranchRegion region, HashSet<int> done)
    {
        done.UnionWith(region.Kernels);
        (List<StepDraft> Drafts, double CostMs) byLayers = Best(costs, region.Kernels, region.Inner);
        return costs.Branches(region) is { } byBranches && byBranches.CostMs < byLayers.CostMs ? byBranches : byLayers;
    }
}
