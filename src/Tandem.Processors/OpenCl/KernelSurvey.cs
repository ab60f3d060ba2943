using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl;

/// <summary>Finds the kernels of a slice that have several variants, by compiling it without building anything.</summary>
internal static class KernelSurvey
{
    /// <summary>The classes of kernels with their variants, each class once.</summary>
    /// <exception cref="SliceRefusedException">An operator cannot be run.</exception>
    internal static IReadOnlyList<TunableKernel> Of(string processor, Graph slice, OpenClContext context)
    {
        if (context.Device.IsCpuBacked)
        {
            return [];
        }
        Dictionary<KernelClass, TunableKernel> found = [];
        var choices = new KernelChoices
        {
            Seen = (kernels, variants) => found.TryAdd(kernels, new TunableKernel(kernels.ToString(), variants)),
        };
        using var constants = new ConstantPool(context, slice.Constants.Values.Sum(c => c.Tensor.Shape.ElementCount));
        _ = new SliceCompiler(processor, slice, context.Device, constants, choices).Compile();
        return [.. found.Values];
    }
}
