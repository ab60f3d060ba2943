namespace Tandem.Learning.Metrics;

/// <summary>What a row of metrics is about.</summary>
public enum MetricsKind
{
    /// <summary>Some steps of training.</summary>
    Steps,

    /// <summary>A whole epoch; validation, where there is any, was made at its end.</summary>
    Epoch,
}
