namespace Tandem.Learning.Data;

/// <summary>Labelled data that cannot be used: missing, damaged, a label out of range, or a class without images.</summary>
public sealed class DatasetException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public DatasetException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public DatasetException(string message, Exception innerException) : base(message, innerException) { }
}
