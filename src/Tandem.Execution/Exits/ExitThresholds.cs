using Tandem.Graphs.Exits;

namespace Tandem.Execution.Exits;

/// <summary>How sure each exit of a progressive network must be for an inference to leave there. The last exit needs none.</summary>
public sealed class ExitThresholds
{
    private readonly double[] _values;

    private ExitThresholds(double[] values)
    {
        int place = Array.FindIndex(values, value => !(value >= 0));
        if (place >= 0)
        {
            throw new InputException(FormattableString.Invariant(
                $"{values[place]} is no threshold of an exit: it is a probability from 0 to 1, or above 1 for none to leave"));
        }
        _values = values;
    }

    /// <summary>No inference leaves before the last exit.</summary>
    public static ExitThresholds Never { get; } = new([double.PositiveInfinity]);

    /// <summary>The thresholds that a network was trained or calibrated to.</summary>
    public static ExitThresholds Of(ProgressiveDescription description) => new([.. description.Exits.Select(exit => exit.Threshold)]);

    /// <summary>One threshold for all exits.</summary>
    /// <param name="threshold">A probability; 0 leaves at the first exit, above 1 at none before the last.</param>
    /// <exception cref="InputException">It is negative or no number.</exception>
    public static ExitThresholds Same(double threshold) => new([threshold]);

    /// <summary>A threshold for each exit.</summary>
    /// <param name="thresholds">In the order of the exits; that of the last may be left out.</param>
    /// <exception cref="InputException">There is none, or one is negative or no number.</exception>
    public static ExitThresholds Each(params IReadOnlyList<double> thresholds) => thresholds.Count > 0
        ? new([.. thresholds])
        : throw new InputException("no threshold is given: there is one for each exit but the last");

    /// <summary>The threshold of an exit that is not the last.</summary>
    internal double this[int exit] => _values[Math.Min(exit, _values.Length - 1)];

    /// <summary>Checks that there is a threshold for each exit.</summary>
    /// <exception cref="InputException">There are more or fewer.</exception>
    internal void RequireFit(int exits)
    {
        if (_values.Length != 1 && _values.Length != exits && _values.Length != exits - 1)
        {
            throw new InputException($"{_values.Length} thresholds are given, but the network has {exits} exits: "
                + "give one for all, or one for each but the last");
        }
    }
}
