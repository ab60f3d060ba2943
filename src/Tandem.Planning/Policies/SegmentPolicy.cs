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

    /// <summary>Whether concatenations along channels are made in place, without a step, where that is possible.</summary>
    public bool ConcatenatesInPlace { get; init; } = true;

    /// <summary>Whether hardware with several engines may use all of them, or the first only.</summary>
    public bool UsesSecondEngines { get; init; } = true;

    /// <summary>The only processor whose engines are used; null for all.</summary>
    public string? OnlyWorker { get; init; }

    /// <inheritdoc/>
    public bool UsesAccuracyBudget => true;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        problem = problem with { Cooperating = Usable(problem) };
        problem.Objective.RequirePowers(problem.Cooperating);
        SegmentSearch search = Search(problem);
        IReadOnlyList<Segment> segments = problem.Accuracy is { } accuracy
            ? new AccuracySearch(search, problem.Objective).BestWithin(accuracy)
            : Best(search, problem.Objective, 0, 0);
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

    /// <summary>The segments that serve an objective best at a price of error.</summary>
    /// <param name="search">What there is to choose from.</param>
    /// <param name="objective">What is made least, and the limit of energy.</param>
    /// <param name="errorPrice">What the square of the outputs' relative error costs, in what the objective makes least.</param>
    /// <param name="mostErrorSquare">The most of it that a single segment may add; 0 for float32 only.</param>
    /// <exception cref="PlanException">No plan keeps to the limit of energy.</exception>
    internal static IReadOnlyList<Segment> Best(
        SegmentSearch search, PlanObjective objective, double errorPrice, double mostErrorSquare)
    {
        IReadOnlyList<Segment> segments = objective.Goal == PlanGoal.Energy
            ? search.Cheapest(0, 1, errorPrice, mostErrorSquare)
            : search.Cheapest(1, 0, errorPrice, mostErrorSquare);
        return objective.EnergyLimitMillijoules is { } limit && EnergyOf(segments) > limit
            ? FastestWithin(search, limit, errorPrice, mostErrorSquare)
            : segments;
    }

    /// <summary>Everything that this policy can choose from.</summary>
    internal SegmentSearch Search(PlanningProblem problem) => new(problem, _axes, LongestDivided, DistributesBranches, ConcatenatesInPlace);

    /// <summary>
    /// The fastest segments within a limit of energy that a price of energy leads to: the higher the price, the less energy and
    /// the more time. Plans between two prices (off the convex hull) are not looked at.
    /// </summary>
    private static IReadOnlyList<Segment> FastestWithin(
        SegmentSearch search, double limitMillijoules, double errorPrice, double mostErrorSquare)
    {
        IReadOnlyList<Segment> best = search.Cheapest(0, 1, errorPrice, mostErrorSquare);
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
            IReadOnlyList<Segment> segments = search.Cheapest(1 - price, price, errorPrice, mostErrorSquare);
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
