namespace Tandem.Cli.Reports;

/// <summary>A report that cannot be written.</summary>
public sealed class ReportException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public ReportException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public ReportException(string message, Exception innerException) : base(message, innerException) { }
}
