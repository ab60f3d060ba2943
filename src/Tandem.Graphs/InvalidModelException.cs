namespace Tandem.Graphs;

/// <summary>A model that cannot be read or understood: not ONNX, truncated, an unknown operator, shapes that do not fit.</summary>
public sealed class InvalidModelException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public InvalidModelException(string message) : base(OneLine(message)) { }

    /// <summary>Makes an exception from a one-line message and the failure behind it.</summary>
    public InvalidModelException(string message, Exception innerException) : base(OneLine(message), innerException) { }

    /// <summary>Makes an exception about one operator, naming it in the message.</summary>
    /// <param name="op">The operator that is at fault.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence.</param>
    /// <param name="innerException">The failure behind it, if any.</param>
    public InvalidModelException(Operator op, string problem, Exception? innerException = null)
        : base(OneLine($"operator '{op.Name}' ({op.Type}): {problem}"), innerException) => Operator = op;

    /// <summary>The operator at fault, where there is one.</summary>
    public Operator? Operator { get; private init; }

    /// <summary>The same failure, its message led by where the model comes from.</summary>
    /// <param name="source">The model, such as a quoted path.</param>
    internal InvalidModelException In(string source) => new($"{source}: {Message}", this) { Operator = Operator };

    // Names from a damaged file may hold anything, line ends among it.
    private static string OneLine(string message) =>
        message.Any(char.IsControl) ? string.Concat(message.Select(c => char.IsControl(c) ? '?' : c)) : message;
}
