using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>A processor cannot compile a slice. The planner keeps the slice on another processor.</summary>
public sealed class SliceRefusedException : TandemException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="processor">Name of the processor that refuses.</param>
    /// <param name="op">The operator it cannot run.</param>
    /// <param name="reason">Why, as the end of a sentence.</param>
    public SliceRefusedException(string processor, Operator op, string reason)
        : base($"processor '{processor}' cannot run operator '{op.Name}' ({op.Type}): {reason}")
    {
        Operator = op;
        Reason = reason;
    }

    /// <summary>Makes the exception where the processor does not say which operator it cannot run.</summary>
    /// <param name="processor">Name of the processor that refuses.</param>
    /// <param name="slice">The slice it cannot run.</param>
    /// <param name="reason">Why, as the end of a sentence.</param>
    public SliceRefusedException(string processor, Graph slice, string reason)
        : base($"processor '{processor}' cannot run slice '{slice.Name}': {reason}") => Reason = reason;

    /// <summary>The operator that is refused; null where the processor does not say which it is.</summary>
    public Operator? Operator { get; }

    /// <summary>Why.</summary>
    public string Reason { get; }
}
