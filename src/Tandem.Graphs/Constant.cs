using System.Runtime.InteropServices;

namespace Tandem.Graphs;

/// <summary>A tensor whose contents are part of the model: a weight, a bias, a shape.</summary>
public sealed class Constant
{
    /// <summary>Makes a constant from densely packed, little-endian elements in row-major order.</summary>
    /// <exception cref="ArgumentException">The number of bytes does not fit the tensor.</exception>
    public Constant(Tensor tensor, ReadOnlyMemory<byte> data)
    {
        if (data.Length != tensor.SizeInBytes)
        {
            throw new ArgumentException($"{tensor} takes {tensor.SizeInBytes} bytes, not {data.Length}", nameof(data));
        }
        Tensor = tensor;
        Data = data;
    }

    /// <summary>Name, type and shape.</summary>
    public Tensor Tensor { get; }

    /// <summary>The elements, densely packed in row-major order.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The elements as a span of <typeparamref name="T"/>, whose size must be the element type's.</summary>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.Span);

    /// <summary>A constant of the given elements.</summary>
    public static Constant Of<T>(string name, ElementType type, Shape shape, ReadOnlySpan<T> elements) where T : unmanaged =>
        new(new Tensor(name, type, shape), MemoryMarshal.AsBytes(elements).ToArray());
}
