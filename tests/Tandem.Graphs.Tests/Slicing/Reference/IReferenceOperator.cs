namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>One family of operators, computed in the plainest way, sums in double precision.</summary>
internal interface IReferenceOperator
{
    IReadOnlyList<string> Types { get; }

    /// <summary>The outputs, in order.</summary>
    float[][] Run(ReferenceCall call);
}
