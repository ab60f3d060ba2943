namespace Tandem.Prediction.Store;

/// <summary>
/// One number that is known about a processor or a link, such as the launch overhead of a device, the cost of mapping a
/// buffer, of handing over between threads, or a memory bandwidth.
/// </summary>
/// <param name="Subject">What was measured: a processor's key, or the two ends of a link.</param>
/// <param name="Name">What about it, such as "launch overhead".</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit, such as "us" or "GB/s".</param>
/// <param name="TakenAt">When, in UTC; kept to the millisecond.</param>
public sealed record Measurement(string Subject, string Name, double Value, string Unit, DateTimeOffset TakenAt);
