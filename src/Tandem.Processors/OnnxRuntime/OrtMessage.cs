using System.Text.RegularExpressions;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>Makes one line for people from a message of ONNX Runtime.</summary>
internal static partial class OrtMessage
{
    /// <summary>The message on one line, without the source file, line and function that failed inside ONNX Runtime.</summary>
    public static string Clean(string message)
    {
        string line = WhiteSpace().Replace(message, " ").Trim();
        while (SourceLocation().Match(line) is { Success: true } location)
        {
            int end = EndOfSignature(line, location.Index + location.Length);
            line = (line[..location.Index] + line[end..].TrimStart()).Trim();
        }
        return line.Length > 0 ? line : "no message";
    }

    /// <summary>Where a C++ function's signature ends: after its balanced parentheses and what qualifies it.</summary>
    private static int EndOfSignature(string line, int start)
    {
        int open = line.IndexOf('(', start);
        if (open < 0)
        {
            return start;
        }
        int depth = 0;
        for (int i = open; i < line.Length; i++)
        {
            depth += line[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                string rest = line[(i + 1)..];
                return line.Length - SignatureTail().Replace(rest, "", 1).Length;
            }
        }
        return start;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"\S+\.(?:cc|cpp|cxx|h|hpp|cu|mm):\d+ ")]
    private static partial Regex SourceLocation();

    [GeneratedRegex(@"^(?: const)?(?: \[with [^\]]*\])?(?:::<lambda[^>]*>)?(?: const)? ?")]
    private static partial Regex SignatureTail();
}
