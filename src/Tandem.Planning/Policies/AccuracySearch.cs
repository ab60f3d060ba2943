namespace Tandem.Planning.Policies;

/// <summary>
/// Finds the best segments whose 8-bit steps keep to a budget of error: a price of error in the dynamic program, found by halving. The
/// higher the price, the less error and the more time.
/// </summary>
/// <remarks>
/// Plans between two prices are not looked at, and one segment that gains much by a large error can hide many that gain a little by small ones.
/// So the price is looked for several times, each time among segments that add no more than a certain error. These limits and the prices do not depend
/// on the budget; hence a larger budget never makes a slower plan.
/// </remarks>
internal sealed class AccuracySearch
{
    // Halvings of the range of prices.
    private const int PriceRounds = 30;

    // Prices go from 2^-40 to 2^40 times what the network costs in float32, for an error of 1.
    private const double PriceBits = 40;

    // The limits of a single segment's error are 1, 1/sqrt(2), 1/2 ... of which this is how many.
    private const int SegmentLimits = 25;

    private const int LimitStepWithEnergy = 6;

    private readonly SegmentSearch _search;
    private readonly PlanObjective _objective;

    /// <summary>Searches for an objective.</summary>
    /// <param name="search">What there is to choose from.</param>
    /// <param name="objective">What is made least, and the limit of energy.</param>
    public AccuracySearch(SegmentSearch search, PlanObjective objective)
    {
        _search = search;
        _objective = objective;
    }

    /// <summary>The best segments within a budget; those in float32 where 8-bit ones are not better.</summary>
    /// <exception cref="PlanException">No plan keeps to the limit of energy.</exception>
    public IReadOnlyList<Segment> BestWithin(AccuracyBudget budget)
    {
        IReadOnlyList<Segment> best = SegmentPolicy.Best(_search, _objective, 0, 0);
        double floatCost = CostOf(best);
        double most = 1;
        // A limit of energy is kept by halving a price of its own, within each step of this one.
        int step = _objective.EnergyLimitMillijoules is null ? 1 : LimitStepWithEnergy;
        for (int i = 0; i < SegmentLimits; i += step, most *= Math.Pow(0.5, step))
        {
            if (most > budget.AllowedSquare)
            {
                continue;
            }
            IReadOnlyList<Segment> free = SegmentPolicy.Best(_search, _objective, 0, most);
            bool isWithin = ErrorSquareOf(free) <= budget.AllowedSquare;
            IReadOnlyList<Segment>? found = isWithin ? free : FindPrice(budget.AllowedSquare, most, floatCost);
            if (found is not null && CostOf(found) < CostOf(best))
            {
                best = found;
            }
            if (isWithin)
            {
                // Smaller limits only leave less to choose from.
                break;
            }
        }
        return best;
    }

    private IReadOnlyList<Segment>? FindPrice(double allowedSquare, double mostErrorSquare, double floatCost)
    {
        IReadOnlyList<Segment>? best = null;
        (double tooLittle, double enough) = (-PriceBits, PriceBits);
        for (int round = 0; round < PriceRounds; round++)
        {
            double bits = (tooLittle + enough) / 2;
            IReadOnlyList<Segment> segments = SegmentPolicy.Best(_search, _objective, floatCost * Math.Pow(2, bits), mostErrorSquare);
            if (ErrorSquareOf(segments) <= allowedSquare)
            {
                (best, enough) = (segments, bits);
            }
            else
            {
                tooLittle = bits;
            }
        }
        return best;
    }

    private double CostOf(IEnumerable<Segment> segments) =>
        segments.Sum(segment => _objective.Goal == PlanGoal.Energy ? segment.EnergyMillijoules : segment.CostMs);

    private static double ErrorSquareOf(IEnumerable<Segment> segments) => segments.Sum(segment => segment.ErrorSquare);
}
