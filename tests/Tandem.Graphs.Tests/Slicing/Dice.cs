namespace Tandem.Graphs.Tests.Slicing;

/// <summary>Random choices that a seed repeats.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>A whole number in [low, high].</summary>
    public int Between(int low, int high) => _random.Next(low, high + 1);

    /// <summary>True once in so many throws.</summary>
    public bool OneIn(int count) => _random.Next(count) == 0;

    /// <summary>One of the given things.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    /// <summary>One or two places where an axis is cut.</summary>
    public IReadOnlyList<double> Cuts() =>
        OneIn(2) ? [_random.NextDouble()] : [_random.NextDouble(), _random.NextDouble()];
}
