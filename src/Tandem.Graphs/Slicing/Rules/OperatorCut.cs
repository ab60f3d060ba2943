namespace Tandem.Graphs.Slicing.Rules;

/// <summary>How one operator is rewritten for a slice, or why it cannot be.</summary>
internal sealed record OperatorCut
{
    private static readonly IReadOnlyDictionary<int, Constant> Nothing = new Dictionary<int, Constant>();

    private OperatorCut() { }

    /// <summary>Why the operator cannot be cut; null where it can.</summary>
    public string? Refusal { get; private init; }

    /// <summary>
    /// The operator with the slice's attributes; its input and output names are still the whole graph's.
    /// </summary>
    public Operator Operator { get; init; } = null!;

    /// <summary>What it reads of each input, constants included.</summary>
    public IReadOnlyList<TensorRange> Inputs { get; private init; } = [];

    /// <summary>
    /// What it makes of its outputs: at least what was asked for, more where the operator cannot make less.
    /// </summary>
    public TensorRange Produced { get; private init; }

    /// <summary>Constant inputs that take other contents in the slice (sizes, pads), by place.</summary>
    public IReadOnlyDictionary<int, Constant> Replaced { get; private init; } = Nothing;

    /// <summary>The operator cannot be cut this way.</summary>
    /// <param name="reason">Why, as the end of a sentence that begins with the operator.</param>
    public static OperatorCut Refused(string reason) => new() { Refusal = reason };

    /// <summary>The operator is cut.</summary>
    public static OperatorCut Of(
        Operator op,
        IReadOnlyList<TensorRange> inputs,
        TensorRange produced,
        IReadOnlyDictionary<int, Constant>? replaced = null) =>
        new() { Operator = op, Inputs = inputs, Produced = produced, Replaced = replaced ?? Nothing };
}
