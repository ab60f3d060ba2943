namespace Tandem.Prediction.Store;

/// <summary>The file of measurements cannot be opened, read or written.</summary>
public sealed class ProfileStoreException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public ProfileStoreException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public ProfileStoreException(string message, Exception? innerException) : base(message, innerException) { }
}
