namespace Tandem.Planning;

/// <summary>Where an inference of a progressive network may leave.</summary>
/// <param name="Output">The output of the network that holds the exit's scores.</param>
/// <param name="Step">
/// The last of the steps that make them, by id: after it is decided whether the inference leaves here, and all later steps wait for it.
/// </param>
public sealed record PlanExit(string Output, int Step);
