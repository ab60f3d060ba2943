using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>A matrix product on a GPU, C[m, n] = activation(alpha * sum over k of A[m, k] * B[k, n] + bias[m]), in batches.</summary>
internal sealed record ProductLaunch
{
    /// <summary>Rows, columns and depth.</summary>
    public required (long Rows, long Columns, long Depth) Extents { get; init; }

    /// <summary>Batches of the outer and of the inner kind.</summary>
    public (long Outer, long Inner) Batches { get; init; } = (1, 1);

    /// <summary>The tensors that are read.</summary>
    public required IReadOnlyList<TensorUse> Reads { get; init; }

    /// <summary>The tensor that is written.</summary>
    public required TensorUse Write { get; init; }

    /// <summary>Sets A, B, C, each as memory, first element and strides: batches, then rows and columns as the kernel has them.</summary>
    public required Action<LaunchArguments> Operands { get; init; }

    /// <summary>One number for each row; null for nothing.</summary>
    public ConstantSlot? Bias { get; init; }

    /// <summary>What the sum is multiplied by.</summary>
    public float Alpha { get; init; } = 1;

    /// <summary>What is done last.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <summary>Adds the launch in one variant. Where there is no bias, the kernel gets the written tensor's memory for it.</summary>
    internal void Add(SliceCompiler compiler, IProductVariant variant)
    {
        (long rows, long columns, long depth) = Extents;
        compiler.Add(new Launch(variant.Kernel.Program, variant.Kernel.Kernel, Reads, [Write], arguments =>
        {
            Operands(arguments);
            _ = Bias is { } slot ? arguments.Constant(slot) : arguments.Memory(arguments.Place(Write.Node).Memory).Int(-1);
            arguments.Ints(Batches.Inner, rows, columns, depth).Float(Alpha).Activation(Activation);
            (long x, long y, long z) = variant.Grid(rows, columns, Batches.Outer * Batches.Inner);
            arguments.SetGrid(x, y, z);
            arguments.SetGroup(variant.Group.X, variant.Group.Y);
        }));
    }

    /// <summary>Adds the launch in the best variant that is known.</summary>
    internal void AddChosen(SliceCompiler compiler) => Add(
        compiler,
        compiler.Choices.Choose(
            Class, ProductVariants.For(Extents.Rows, Extents.Columns, compiler.Device), variant => variant.Name));

    /// <summary>The class of shapes that products are tuned by.</summary>
    internal KernelClass Class => KernelClass.Of("gemm", Extents.Depth, Extents.Rows, Extents.Columns * Batches.Outer * Batches.Inner);
}
