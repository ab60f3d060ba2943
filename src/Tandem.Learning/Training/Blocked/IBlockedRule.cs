using Tandem.Graphs;

namespace Tandem.Learning.Training.Blocked;

/// <summary>How an operator, or several that belong together, are done in ONNX Runtime's blocked layout.</summary>
internal interface IBlockedRule
{
    /// <summary>The ONNX operator types that the rule begins at.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>Writes the operator where it fits; else writes nothing.</summary>
    /// <returns>Whether it was written; if not, it is written as it stands.</returns>
    bool TryWrite(Operator op, BlockedWriter writer);
}
