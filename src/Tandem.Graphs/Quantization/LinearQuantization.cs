namespace Tandem.Graphs.Quantization;

/// <summary>Unsigned 8-bit linear quantisation of a tensor: real = Scale * (q - ZeroPoint), as ONNX's QuantizeLinear has it.</summary>
/// <param name="Scale">The quantisation step, positive.</param>
/// <param name="ZeroPoint">The byte that stands for zero.</param>
public readonly record struct LinearQuantization(float Scale, byte ZeroPoint)
{
    private const byte Middle = 128;

    /// <summary>
    /// The finest quantisation that covers a range and zero, which is exact: padding and Relu rest on it. A range without a
    /// negative number has zero point 0, so that rounding into bytes cuts what is below zero.
    /// </summary>
    /// <exception cref="QuantizationException">The range has an infinite end.</exception>
    public static LinearQuantization Covering(ValueRange range)
    {
        double min = Math.Min(0, range.Min);
        double max = Math.Max(0, range.Max);
        if (!double.IsFinite(max - min))
        {
            throw new QuantizationException(
                "activations become infinite on the calibration inputs: calibrate with inputs as the network expects them");
        }
        float scale = (float)((max - min) / byte.MaxValue);
        // Also where the step is too small for a normal float: any step serves a tensor of zeros.
        return float.IsNormal(scale)
            ? new LinearQuantization(scale, (byte)Math.Clamp(Math.Round(-min / scale), 0, byte.MaxValue))
            : new LinearQuantization(1, 0);
    }

    /// <summary>
    /// The finest quantisation that covers a range with zero in the middle, at byte 128; a range without a negative number keeps zero
    /// point 0, which is symmetric for unsigned bytes.
    /// </summary>
    /// <exception cref="QuantizationException">The range has an infinite end.</exception>
    public static LinearQuantization Symmetric(ValueRange range)
    {
        if (range.Min >= 0)
        {
            return Covering(range);
        }
        float limit = Math.Max(-range.Min, range.Max);
        return Covering(new ValueRange(-limit * Middle / (Middle - 1), limit)) with { ZeroPoint = Middle };
    }

    /// <summary>The byte of a number, saturating; halves round to even.</summary>
    public byte Quantize(float real) =>
        (byte)Math.Clamp(MathF.Round(real / Scale) + ZeroPoint, byte.MinValue, byte.MaxValue);

    /// <summary>The number of a byte.</summary>
    public float Dequantize(byte quantized) => Scale * (quantized - ZeroPoint);
}
