using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>A network that cannot be differentiated: an operator has no gradient rule, or is used as its rule does not allow.</summary>
public sealed class DifferentiationException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public DifferentiationException(string message) : base(message) { }

    /// <summary>Makes an exception about one operator, naming it in the message.</summary>
    /// <param name="op">The operator that is at fault.</param>
    /// <param name="problem">What is wrong with it, as the end of a sentence.</param>
    public DifferentiationException(Operator op, string problem)
        : base($"operator '{op.Name}' ({op.Type}) cannot be differentiated: {problem}") => Operator = op;

    /// <summary>The operator at fault, where there is one.</summary>
    public Operator? Operator { get; }
}
