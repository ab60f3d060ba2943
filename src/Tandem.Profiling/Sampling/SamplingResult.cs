namespace Tandem.Profiling.Sampling;

/// <summary>What came of sampling on one processor.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Kernels">Kernels that were measured.</param>
/// <param name="Refused">Kernels that the processor cannot run.</param>
/// <param name="RepeatedKernels">Kernels that were measured in more than one pass.</param>
/// <param name="Repeatable">The share of these whose two halves of passes agree within 10 %; 1 where there are none.</param>
/// <param name="RepeatableAsMeasured">The same of the times as they were measured, whatever the reference kernel took.</param>
/// <param name="IsDriftCorrected">Whether times are given as at the reference kernel's usual speed, because they repeat better so.</param>
public sealed record SamplingResult(
    string Processor, int Kernels, int Refused, int RepeatedKernels, double Repeatable, double RepeatableAsMeasured, bool IsDriftCorrected);
