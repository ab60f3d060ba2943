namespace Tandem.Progressive.Quantization;

/// <summary>How a file says that operators compute on bytes.</summary>
public enum QuantizedFormat
{
    /// <summary>
    /// Operators in float32 between QuantizeLinear and DequantizeLinear, standard ONNX only: any runtime computes the right numbers, and
    /// those with integer kernels find these.
    /// </summary>
    Qdq,

    /// <summary>
    /// QLinearConv and the like, as ONNX Runtime fuses the other form; some of them (QLinearAdd, QGemm) are ONNX Runtime's own. Opens
    /// faster there, and is for no other runtime.
    /// </summary>
    QOperator,
}
