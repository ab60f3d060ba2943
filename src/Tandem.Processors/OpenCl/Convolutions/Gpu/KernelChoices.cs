using System.Collections.Concurrent;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>
/// Which variant each class of kernels is compiled to: what was measured to be the best, that of the nearest class, or the first.
/// Safe for use by several threads.
/// </summary>
internal sealed class KernelChoices
{
    private readonly ConcurrentDictionary<KernelClass, string> _chosen = [];

    /// <summary>Gets each class of which there are several variants; null where nobody asks.</summary>
    internal Action<KernelClass, IReadOnlyList<string>>? Seen { get; init; }

    /// <summary>Compiles a class of kernels to a variant from now on; null takes back what was said before.</summary>
    internal void Use(KernelClass kernels, string? variant)
    {
        if (variant is null)
        {
            _chosen.TryRemove(kernels, out _);
        }
        else
        {
            _chosen[kernels] = variant;
        }
    }

    /// <summary>The variant to compile a kernel to.</summary>
    /// <param name="kernels">The kernel's class.</param>
    /// <param name="variants">The variants that can be used, the best guess first.</param>
    /// <param name="nameOf">A variant's name.</param>
    internal T Choose<T>(KernelClass kernels, IReadOnlyList<T> variants, Func<T, string> nameOf) where T : class
    {
        if (variants.Count > 1)
        {
            Seen?.Invoke(kernels, [.. variants.Select(nameOf)]);
        }
        return Named(variants, nameOf, _chosen.GetValueOrDefault(kernels)) ?? Nearest(kernels, variants, nameOf) ?? variants[0];
    }

    private T? Nearest<T>(KernelClass kernels, IReadOnlyList<T> variants, Func<T, string> nameOf) where T : class =>
        _chosen.Where(chosen => chosen.Key.Family == kernels.Family)
            .OrderBy(chosen => chosen.Key.DistanceTo(kernels)).ThenBy(chosen => chosen.Key.ToString(), StringComparer.Ordinal)
            .Select(chosen => Named(variants, nameOf, chosen.Value))
            .FirstOrDefault(variant => variant is not null);

    private static T? Named<T>(IReadOnlyList<T> variants, Func<T, string> nameOf, string? name) where T : class =>
        name is null ? null : variants.FirstOrDefault(variant => nameOf(variant) == name);
}
