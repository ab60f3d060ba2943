using System.Numerics;
using System.Runtime.InteropServices;

namespace Tandem.Graphs.Onnx;

/// <summary>Finds weights that are not numbers: a network with one yields only NaN, whichever processor runs it.</summary>
internal static class NumberCheck
{
    private const uint ExponentOfFloat32 = 0x7F80_0000;
    private const ushort ExponentOfFloat16 = 0x7C00;

    /// <summary>Refuses a floating-point constant that holds NaN or an infinity.</summary>
    /// <remarks>A single infinity is allowed: it is a bound (of Clip, say), not a weight.</remarks>
    /// <param name="constant">What to look through; other element types pass.</param>
    /// <param name="owner">What the message names.</param>
    /// <exception cref="InvalidModelException">It does.</exception>
    public static void RequireFinite(Constant constant, string owner)
    {
        long index = constant.Tensor.Type switch
        {
            // NaN and the infinities are the numbers whose exponent bits are all set.
            ElementType.Float32 => FirstWithAll(constant.AsSpan<uint>(), ExponentOfFloat32),
            ElementType.Float16 => FirstWithAll(constant.AsSpan<ushort>(), ExponentOfFloat16),
            ElementType.Float64 => FirstNotFinite(constant.AsSpan<double>()),
            _ => -1,
        };
        if (index >= 0 && !(constant.Tensor.Shape.ElementCount == 1 && IsInfinity(constant)))
        {
            throw new InvalidModelException(
                $"{owner} holds a value that is no finite number (element {index} of {constant.Tensor.Shape}); " +
                "train or export the model again");
        }
    }

    private static bool IsInfinity(Constant constant) => constant.Tensor.Type switch
    {
        ElementType.Float32 => float.IsInfinity(constant.AsSpan<float>()[0]),
        ElementType.Float16 => Half.IsInfinity(constant.AsSpan<Half>()[0]),
        _ => double.IsInfinity(constant.AsSpan<double>()[0]),
    };

    private static long FirstWithAll<T>(ReadOnlySpan<T> elements, T bits) where T : unmanaged, IBinaryInteger<T>
    {
        var wanted = new Vector<T>(bits);
        ReadOnlySpan<Vector<T>> vectors = MemoryMarshal.Cast<T, Vector<T>>(elements);
        int start = vectors.Length * Vector<T>.Count;
        for (int i = 0; i < vectors.Length; i++)
        {
            if (Vector.EqualsAny(vectors[i] & wanted, wanted))
            {
                start = i * Vector<T>.Count;
                break;
            }
        }
        for (int i = start; i < elements.Length; i++)
        {
            if ((elements[i] & bits) == bits)
            {
                return i;
            }
        }
        return -1;
    }

    private static long FirstNotFinite(ReadOnlySpan<double> elements)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            if (!double.IsFinite(elements[i]))
            {
                return i;
            }
        }
        return -1;
    }
}
