using System.Globalization;

namespace Tandem.Progressive.Exits;

/// <summary>Where early exits are wanted, and what they may cost.</summary>
public sealed record ExitOptions
{
    /// <summary>
    /// Shares of the network's multiply-accumulates after which an early exit is wanted: above 0, below 1, each greater than the one before.
    /// </summary>
    /// <value>SPINN's: 0.15, 0.30, 0.45, 0.60, 0.75, 0.90.</value>
    public IReadOnlyList<double> Positions { get; init; } = [0.15, 0.30, 0.45, 0.60, 0.75, 0.90];

    /// <summary>All heads together take less than this share of the network's own multiply-accumulates; above 0, at most 1.</summary>
    /// <value>0.05 by default.</value>
    public double HeadBudget { get; init; } = 0.05;

    /// <summary>Equal seeds give heads with equal weights on every machine.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Looks whether the numbers make sense.</summary>
    /// <exception cref="ExitException">A number is outside its range, or positions do not increase.</exception>
    internal void Validate()
    {
        if (Positions.Count == 0)
        {
            throw new ExitException("no position of an exit is given; give at least one share of the network's operations, such as 0.5");
        }
        double before = 0;
        foreach (double position in Positions)
        {
            if (!(position > 0 && position < 1))
            {
                throw new ExitException($"exit position {Number(position)} is not between 0 and 1; positions are shares of the network's operations");
            }
            if (position <= before)
            {
                throw new ExitException($"exit position {Number(position)} does not come after {Number(before)}; give positions in increasing order");
            }
            before = position;
        }
        if (!(HeadBudget > 0 && HeadBudget <= 1))
        {
            throw new ExitException($"a budget of {Number(HeadBudget)} for the exits' heads is not between 0 and 1; 0.05 is usual");
        }
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
