namespace Tandem.Processors.OpenCl;

/// <summary>An OpenCL call failed; the message names the call and the error as the OpenCL specification does.</summary>
public sealed class OpenClException : TandemException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="call">The OpenCL function that failed.</param>
    /// <param name="status">The status it returned.</param>
    public OpenClException(string call, int status)
        : base($"OpenCL call {call} failed with {OpenClStatus.Name(status)}") => Status = status;

    /// <summary>The status, a negative number listed in the OpenCL specification.</summary>
    public int Status { get; }
}
