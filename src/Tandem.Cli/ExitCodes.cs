namespace Tandem.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>The outputs of a plan differ from ONNX Runtime's by more than the tolerance.</summary>
    public const int WrongOutput = 1;

    /// <summary>The command line, a file, or this machine's set-up is at fault; one line on standard error says what to do.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by Ctrl-C; what was measured until then is kept.</summary>
    public const int Interrupted = 130;
}
