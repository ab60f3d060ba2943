using Tandem.Graphs.Kernels;

namespace Tandem.Planning.Policies.Codl;

/// <summary>
/// CoDL: every operator divided along the better of rows and output channels at the better ratio, operators chained where that
/// saves more sharing than the growing halo costs. Plans with CoDL's own latency predictor, fitted to the profile's samples of
/// the network's kernels, and never by running plans.
/// </summary>
/// <remarks>
/// Jia et al., "CoDL: Efficient CPU-GPU Co-execution for Deep Learning Inference on Mobile Devices", MobiSys 2022: hybrid-dimension
/// partitioning, operator chains (Algorithm 1) and hybrid-type data sharing. The layout that each processor likes is its engine's own
/// (ONNX Runtime's blocked channels, the OpenCL kernels' strides).
/// </remarks>
public sealed class CodlPolicy : IPolicy
{
    private readonly CodlOptions _options;

    /// <summary>Makes the policy.</summary>
    /// <param name="name">One of <see cref="PolicyNames"/>.</param>
    /// <param name="options">Which mechanisms it uses.</param>
    public CodlPolicy(string name, CodlOptions options)
    {
        Name = name;
        _options = options;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>No: CoDL's online phase rests on what its predictor learned offline, and runs nothing.</summary>
    public bool LearnsFromRuns => false;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        if (problem.FirstEngines.Count < 2)
        {
            throw new PlanException($"policy '{Name}' needs two processors: 'tandem devices' lists what there is");
        }
        var costs = new ChainCosts(problem, CodlProcessors.Fit(problem, _options.PredictsFromOperations));
        var operators = new OperatorPlanner(problem.Network, costs, _options.Axes);
        IReadOnlyList<Chain> chains = [.. problem.Network.Kernels.Select(k => Best(problem, costs, operators, k))];
        if (_options.UsesChains)
        {
            chains = new ChainSearch(costs, operators).Cover(chains);
        }
        return problem.Assembler.Assemble(Name, [.. chains.SelectMany(costs.Drafts)]);
    }

    private static Chain Best(PlanningProblem problem, ChainCosts costs, OperatorPlanner operators, Kernel kernel)
    {
        Chain best = operators.Best(kernel.Index);
        return costs.Of(best).IsPossible ? best : throw new Divisions(problem, problem.FirstEngines).Refused();
    }
}
