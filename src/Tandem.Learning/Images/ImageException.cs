namespace Tandem.Learning.Images;

/// <summary>An image that cannot be read or written: missing, not an image, truncated, or its library is not installed.</summary>
public sealed class ImageException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public ImageException(string message) : base(message) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public ImageException(string message, Exception innerException) : base(message, innerException) { }
}
