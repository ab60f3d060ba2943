using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>
/// Cuts the network by depth into segments and runs each on one processor or divided between two, so that the sum of the
/// segments' times is least: dynamic programming over the cut points, exact for the predicted times.
/// </summary>
/// <remarks>
/// With both axes this is the core of Tandem's own planner; with rows only it makes chains as CoDL's chain search does (Jia et
/// al., MobiSys 2022, Algorithm 1), but optimal instead of greedy.
/// </remarks>
public sealed class SegmentPolicy : IPolicy
{
    // Halvings of the range in which the price of energy is looked for.
    private const int PriceRounds = 30;

    private readonly IReadOnlyList<SliceAxis> _axes;

    /// <summary>Makes the policy.</summary>
    /// <param name="name">One of <see cref="PolicyNames"/>.</param>
    /// <param name="axes">The axes along which segments may be divided.</param>
    public SegmentPolicy(string name, IReadOnlyList<SliceAxis> axes)
    {
        Name = name;
        _axes = axes;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>
    /// The most kernels that are divided as one chain. Longer ones gain nothing: the halo of a row slice grows with its length.
    /// </summary>
    public int LongestDivided { get; init; } = 40;

    /// <summary>Whether whole branches may run side by side.</summary>
    public bool DistributesBranches { get; init; }

    /// <summary>Whether hardware with several engines may use all of them, or the first only.</summary>
    public bool UsesSecondEngines { get; init; } = true;

    /// <summary>The only processor whose engines are used; null for all.</summary>
    public string? OnlyWorker { get; init; }

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        problem = problem with { Cooperating = Usable(problem) };
        PlanObjective objective = problem.Objective;
        objective.RequirePowers(problem.Cooperating);
        SegmentSearch search = Search(problem);
        IReadOnlyList<Segment> segments = objective.Goal == PlanGoal.Energy ? search.Cheapest(0, 1) : search.Cheapest(1, 0);
        if (objective.EnergyLimitMillijoules is { } limit && EnergyOf(segments) > limit)
        {
            segments = FastestWithin(search, limit);
        }
        return problem.Assembler.Assemble(Name, [.. segments.SelectMany(segment => segment.Drafts)]);
    }

    private PlanProcessor[] Usable(PlanningProblem problem)
    {
        IEnumerable<PlanProcessor> engines = UsesSecondEngines ? problem.Cooperating : problem.FirstEngines;
        PlanProcessor[] usable = [.. engines.Where(p => OnlyWorker is null || p.Worker == OnlyWorker)];
        return OnlyWorker is null || usable.Length > 1
            ? usable
            : throw new PlanException($"policy '{Name}' needs several engines for '{OnlyWorker}': 'tandem devices' lists what there is");
    }

    /// <summary>Everything that this policy can choose from.</summary>
    internal SegmentSearch Search(PlanningProblem problem) => new(problem, _axes, LongestDivided, DistributesBranches);

    /// <summary>
    /// The fastest segments within a limit of energy that a price of energy leads to: the higher the price, the less energy and
    /// the more time. Plans between two prices (off the convex hull) are not looked at.
    /// </summary>
    private static IReadOnlyList<Segment> FastestWithin(SegmentSearch search, double limitMillijoules)
    {
        IReadOnlyList<Segment> best = search.Cheapest(0, 1);
        if (EnergyOf(best) > limitMillijoules)
        {
            throw new PlanException(FormattableString.Invariant(
                $"no plan takes {limitMillijoules:0.###} mJ or less: the least is {EnergyOf(best):0.###} mJ; raise --energy-limit"));
        }
        double enough = 1;
        double tooLittle = 0;
        for (int round = 0; round < PriceRounds; round++)
        {
            double price = (enough + tooLittle) / 2;
            IReadOnlyList<Segment> segments = search.Cheapest(1 - price, price);
            if (EnergyOf(segments) <= limitMillijoules)
            {
                (best, enough) = (segments, price);
            }
            else
            {
                tooLittle = price;
            }
        }
        return best;
    }

    private static double EnergyOf(IEnumerable<Segment> segments) => segments.Sum(segment => segment.EnergyMillijoules);
}
