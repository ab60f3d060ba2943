using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>
/// Kernels that are tuned together: of one family, with extents that round to the same powers of two. Slices divide a kernel in
/// many ways, so a variant is not measured for each of their shapes.
/// </summary>
/// <param name="Family">What must be the same: the kind of kernel, its window, strides and dilations.</param>
/// <param name="Inputs">Input channels of a group, or the depth of a product, as an exponent of two.</param>
/// <param name="Outputs">Output channels, or rows of a product, as an exponent of two.</param>
/// <param name="Elements">Elements of each output channel in the whole batch, or columns of a product, as an exponent of two.</param>
internal readonly record struct KernelClass(string Family, int Inputs, int Outputs, int Elements)
{
    private const char Separator = ';';

    /// <summary>The class of a kernel with these extents.</summary>
    internal static KernelClass Of(string family, long inputs, long outputs, long elements) =>
        new(family, Exponent(inputs), Exponent(outputs), Exponent(elements));

    /// <summary>How far classes of one family are from each other: what is tuned for one is the better for the other the nearer it is.</summary>
    internal int DistanceTo(KernelClass other) =>
        Math.Abs(Inputs - other.Inputs) + Math.Abs(Outputs - other.Outputs) + Math.Abs(Elements - other.Elements);

    /// <summary>The class as text, from which it can be read back. Persisted: its form never changes.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Family}{Separator}{1L << Inputs}{Separator}{1L << Outputs}{Separator}{1L << Elements}");

    /// <summary>Reads a class from its text.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out KernelClass? parsed)
    {
        string[] parts = text.Split(Separator);
        var extents = new long[3];
        parsed = null;
        for (int i = 0; i < extents.Length; i++)
        {
            if (parts.Length != 4 || !long.TryParse(parts[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out extents[i])
                || extents[i] == 0)
            {
                return false;
            }
        }
        parsed = Of(parts[0], extents[0], extents[1], extents[2]);
        return true;
    }

    /// <summary>The exponent of the power of two that an extent rounds to, up from one and a half: 7 x 7 and 8 x 8 are one class.</summary>
    private static int Exponent(long extent) =>
        extent <= 1 ? 0 : BitOperations.Log2((ulong)extent) + (IsNearNext(extent) ? 1 : 0);

    private static bool IsNearNext(long extent)
    {
        long lower = 1L << BitOperations.Log2((ulong)extent);
        return 2 * extent >= 3 * lower;
    }
}
