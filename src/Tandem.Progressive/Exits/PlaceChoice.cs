namespace Tandem.Progressive.Exits;

/// <summary>Chooses among the places of a network those nearest to where exits are wanted.</summary>
internal static class PlaceChoice
{
    // A place that is no cut is taken where it is nearer by this share of the network.
    private const double CutPreference = 0.1;

    /// <summary>
    /// One place for each position, in the same order, no two the same, so that the sum of the distances is the least there is (dynamic
    /// programming).
    /// </summary>
    /// <param name="places">Places, the least computed first; at least as many as positions.</param>
    /// <param name="positions">Shares of the network's operations, increasing.</param>
    public static ExitPlace[] Nearest(IReadOnlyList<ExitPlace> places, IReadOnlyList<double> positions)
    {
        double[,] least = new double[positions.Count + 1, places.Count + 1];
        bool[,] taken = new bool[positions.Count + 1, places.Count + 1];
        for (int i = 1; i <= positions.Count; i++)
        {
            least[i, 0] = double.PositiveInfinity;
            for (int j = 1; j <= places.Count; j++)
            {
                double with = least[i - 1, j - 1] + Distance(places[j - 1], positions[i - 1]);
                taken[i, j] = with < least[i, j - 1];
                least[i, j] = Math.Min(with, least[i, j - 1]);
            }
        }
        var chosen = new ExitPlace[positions.Count];
        for ((int i, int j) = (positions.Count, places.Count); i > 0; j--)
        {
            if (taken[i, j])
            {
                chosen[--i] = places[j - 1];
            }
        }
        return chosen;
    }

    private static double Distance(ExitPlace place, double position) =>
        Math.Abs(place.Fraction - position) + (place.IsCut ? 0 : CutPreference);
}
