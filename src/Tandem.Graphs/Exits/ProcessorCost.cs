namespace Tandem.Graphs.Exits;

/// <summary>What an inference costs that runs on one processor and leaves at an exit.</summary>
/// <param name="Processor">The processor's name on the device that was measured, such as "cpu".</param>
/// <param name="Milliseconds">The latency to each exit.</param>
/// <param name="Millijoules">The energy to each exit; null where the processor's power is not known.</param>
public sealed record ProcessorCost(string Processor, IReadOnlyList<double> Milliseconds, IReadOnlyList<double>? Millijoules);
