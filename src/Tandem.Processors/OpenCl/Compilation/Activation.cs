namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>Activations that a kernel can end with; numbered as in common.cl.</summary>
internal enum ActivationKind
{
    None = 0,
    Relu = 1,
    Clip = 2,
    LeakyRelu = 3,
    Sigmoid = 4,
    Tanh = 5,
    HardSigmoid = 6,
    HardSwish = 7,
    Elu = 8,
}

/// <summary>An activation with its numbers: bounds of Clip, slope of LeakyRelu, slope and shift of HardSigmoid, ...</summary>
internal readonly record struct Activation(ActivationKind Kind, float A = 0, float B = 0)
{
    internal static Activation None { get; }
}
