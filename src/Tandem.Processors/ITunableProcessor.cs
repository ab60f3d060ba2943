using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>
/// A processor that has several variants of a kernel (tile sizes, work-group sizes, algorithms), of which only measuring on the
/// device tells the best. Which to use is said from outside, as what was measured outlives the processor.
/// </summary>
public interface ITunableProcessor : IProcessor
{
    /// <summary>
    /// The classes of kernels of a slice that have several variants on this device; none where the device's kernels need no tuning.
    /// </summary>
    /// <exception cref="SliceRefusedException">The processor cannot run the slice.</exception>
    IReadOnlyList<TunableKernel> TunableKernels(Graph slice);

    /// <summary>Compiles a class of kernels to a variant from now on; slices that are compiled already stay as they are.</summary>
    /// <param name="kernelClass">The class, as <see cref="TunableKernels"/> names it; one that is unknown is left out.</param>
    /// <param name="variant">The variant's name; null for the processor's own guess. One that does not exist counts as null.</param>
    void UseVariant(string kernelClass, string? variant);
}

/// <summary>Kernels that are tuned together.</summary>
/// <param name="Class">The class's name, which stays the same from version to version.</param>
/// <param name="Variants">The variants' names, the processor's own guess first.</param>
public sealed record TunableKernel(string Class, IReadOnlyList<string> Variants);
