namespace Tandem.Graphs.Quantization;

/// <summary>What a slice computes in; its inputs and outputs are the network's own tensors whatever it is. Persisted: values never change.</summary>
public enum NumericPrecision
{
    /// <summary>The network's own precision.</summary>
    Float32 = 0,
    /// <summary>8-bit linear quantisation where there are integer kernels.</summary>
    Int8 = 1,
}
