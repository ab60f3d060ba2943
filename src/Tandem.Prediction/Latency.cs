namespace Tandem.Prediction;

/// <summary>A duration with its uncertainty. Independent latencies add up: means add, variances add.</summary>
/// <param name="MeanMs">Expected duration in milliseconds.</param>
/// <param name="StdDevMs">Standard deviation in milliseconds.</param>
public readonly record struct Latency(double MeanMs, double StdDevMs)
{
    /// <summary>No time at all.</summary>
    public static Latency Zero { get; }

    /// <summary>One after the other.</summary>
    public static Latency operator +(Latency a, Latency b) =>
        new(a.MeanMs + b.MeanMs, Math.Sqrt(a.StdDevMs * a.StdDevMs + b.StdDevMs * b.StdDevMs));

    /// <summary>The same work, a number of times slower.</summary>
    public static Latency operator *(Latency a, double factor) => new(a.MeanMs * factor, a.StdDevMs * factor);

    /// <summary>As <see cref="op_Addition"/>.</summary>
    public static Latency Add(Latency a, Latency b) => a + b;

    /// <summary>As <see cref="op_Multiply"/>.</summary>
    public static Latency Multiply(Latency a, double factor) => a * factor;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{MeanMs:0.###} ms +- {StdDevMs:0.###}");
}
