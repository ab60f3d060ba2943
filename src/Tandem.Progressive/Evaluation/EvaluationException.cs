namespace Tandem.Progressive.Evaluation;

/// <summary>A network and labelled data that do not go together.</summary>
public sealed class EvaluationException : TandemException
{
    /// <summary>Makes an exception from a one-line message.</summary>
    public EvaluationException(string message) : base(message) { }
}
