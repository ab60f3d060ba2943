namespace Tandem.Graphs.Kernels;

/// <summary>Kernels [First, End) of a network, in the order in which they run.</summary>
public readonly record struct KernelRange(int First, int End)
{
    /// <summary>How many kernels there are.</summary>
    public int Count => End - First;

    /// <inheritdoc/>
    public override string ToString() => Count == 1 ? $"{First}" : $"{First}-{End - 1}";
}
