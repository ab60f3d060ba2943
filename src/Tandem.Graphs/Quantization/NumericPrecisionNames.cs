namespace Tandem.Graphs.Quantization;

/// <summary>Short names of precisions, as keys of measurements, reports and people write them. Persisted: they never change.</summary>
public static class NumericPrecisionNames
{
    /// <summary>"fp32", "int8" or "fp16".</summary>
    /// <exception cref="ArgumentOutOfRangeException">The precision is none of the known ones.</exception>
    public static string ShortName(this NumericPrecision precision) => precision switch
    {
        NumericPrecision.Float32 => "fp32",
        NumericPrecision.Int8 => "int8",
        NumericPrecision.Float16 => "fp16",
        _ => throw new ArgumentOutOfRangeException(nameof(precision)),
    };
}
