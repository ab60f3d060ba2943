namespace Tandem.Graphs.Quantization;

/// <summary>What a slice computes in; its inputs and outputs are the network's own tensors whatever it is. Persisted: values never change.</summary>
public enum NumericPrecision
{
    /// <summary>The network's own precision.</summary>
    Float32 = 0,
    /// <summary>8-bit linear quantisation where there are integer kernels.</summary>
    Int8 = 1,
    /// <summary>
    /// Weights and tensors inside the slice are stored in half precision (IEEE 754 binary16) and computed with in single precision,
    /// on processors that have such kernels.
    /// </summary>
    Float16 = 2,
}
