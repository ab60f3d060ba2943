using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>A lane of a <see cref="ThroughputSession"/>.</summary>
/// <param name="Plan">How it runs whole inferences.</param>
/// <param name="Inferences">How many it has run.</param>
public sealed record ThroughputLane(Plan Plan, long Inferences);
