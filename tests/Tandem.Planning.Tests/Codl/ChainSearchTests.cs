using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies.Codl;
using Tandem.Tests;

namespace Tandem.Planning.Tests.Codl;

public sealed class ChainSearchTests
{
    private static readonly SliceAxis[] Axes = [SliceAxis.Rows, SliceAxis.Channels];

    [Fact]
    public void Greedy_chains_lie_between_the_base_plan_and_brute_force() => PlanningCase.ForAll(seed =>
    {
        (Network network, ChainCosts costs, OperatorPlanner operators) = Case(RandomNetworks.Chain(seed, 4), seed);
        Chain[] plan = Plan(network, operators);
        IReadOnlyList<Chain> chains = new ChainSearch(costs, operators).Cover(plan);
        double greedy = chains.Sum(c => costs.Of(c).TotalMs);
        Assert.True(greedy <= plan.Sum(c => costs.Of(c).TotalMs) + 1e-9);
        Assert.True(greedy >= BruteForce(network, costs, operators, 0) - 1e-9);
    });

    [Fact]
    public void First_chain_is_the_best_that_growing_one_by_one_can_reach() => PlanningCase.ForAll(seed =>
    {
        (Network network, ChainCosts costs, OperatorPlanner operators) = Case(RandomNetworks.Any(seed), seed);
        Chain[] plan = Plan(network, operators);
        Chain chosen = new ChainSearch(costs, operators).Cover(plan)[0];
        double gain = Gain(costs, plan, chosen);
        int own = (int)Math.Round(plan[0].FirstShare * 10);
        for (int step = Math.Max(0, own - 3); step <= Math.Min(10, own + 3); step++)
        {
            Chain chain = plan[0] with { FirstShare = operators.ShareOf(0, plan[0].Axis, step) };
            while (chain.Kernels.End < plan.Length && costs.Of(chain).IsPossible)
            {
                Chain longer = chain with { Kernels = new KernelRange(0, chain.Kernels.End + 1) };
                Assert.True(Gain(costs, plan, longer) <= gain + 1e-9);
                if (costs.Of(longer).TotalMs > costs.Of(chain).TotalMs + costs.Of(plan[chain.Kernels.End]).TotalMs)
                {
                    break;
                }
                chain = longer;
            }
        }
    });

    [Fact]
    public void Chains_cover_every_kernel_once_in_order() => PlanningCase.ForAll(seed =>
    {
        (Network network, ChainCosts costs, OperatorPlanner operators) = Case(RandomNetworks.Any(seed), seed);
        IReadOnlyList<Chain> chains = new ChainSearch(costs, operators).Cover(Plan(network, operators));
        Assert.Equal(Enumerable.Range(0, network.Kernels.Count), chains.SelectMany(c => Enumerable.Range(c.Kernels.First, c.Kernels.Count)));
    });

    [Fact]
    public void Base_plan_is_the_least_of_its_22_predictions() => PlanningCase.ForAll(seed =>
    {
        (Network network, ChainCosts costs, OperatorPlanner operators) = Case(RandomNetworks.Any(seed), seed);
        foreach (Chain chosen in Plan(network, operators))
        {
            double least = Axes.SelectMany(axis => Enumerable.Range(0, 11).Select(step =>
                costs.Of(new Chain(chosen.Kernels, axis, operators.ShareOf(chosen.Kernels.First, axis, step))).TotalMs)).Min();
            Assert.Equal(least, costs.Of(chosen).TotalMs);
        }
    });

    private static (Network Network, ChainCosts Costs, OperatorPlanner Operators) Case(Network network, int seed)
    {
        PlanningProblem problem = PlanningCase.Make(network, seed);
        var costs = new ChainCosts(problem, CodlProcessors.Fit(problem, fromOperations: false));
        return (network, costs, new OperatorPlanner(network, costs, Axes));
    }

    private static Chain[] Plan(Network network, OperatorPlanner operators) => [.. network.Kernels.Select(k => operators.Best(k.Index))];

    private static double Gain(ChainCosts costs, Chain[] plan, Chain chain) =>
        plan.Take(chain.Kernels.Count).Sum(c => costs.Of(c).TotalMs) - costs.Of(chain).TotalMs;

    /// <summary>The least over every way to cut the network into chains, each along every axis at every ratio.</summary>
    private static double BruteForce(Network network, ChainCosts costs, OperatorPlanner operators, int first)
    {
        if (first == network.Kernels.Count)
        {
            return 0;
        }
        double least = double.PositiveInfinity;
        for (int end = first + 1; end <= network.Kernels.Count; end++)
        {
            double best = Axes.SelectMany(axis => Enumerable.Range(0, 11).Select(step =>
                costs.Of(new Chain(new KernelRange(first, end), axis, operators.ShareOf(first, axis, step))).TotalMs)).Min();
            if (!double.IsInfinity(best))
            {
                least = Math.Min(least, best + BruteForce(network, costs, operators, end));
            }
        }
        return least;
    }
}
