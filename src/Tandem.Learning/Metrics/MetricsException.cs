namespace Tandem.Learning.Metrics;

/// <summary>A file of metrics that cannot be read, written or continued.</summary>
public sealed class MetricsException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public MetricsException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public MetricsException(string message, Exception innerException) : base(message, innerException) { }
}
