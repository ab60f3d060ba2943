using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>A product of two matrices that may both change from run to run, or of batches of them, broadcast as numpy does.</summary>
/// <param name="A">The left-hand side.</param>
/// <param name="B">The right-hand side.</param>
/// <param name="Y">The product.</param>
/// <param name="TransposeA">Whether A is stored as depth and rows.</param>
/// <param name="TransposeB">Whether B is stored as columns and depth.</param>
/// <param name="Alpha">What the product is multiplied by.</param>
internal sealed record StridedProduct(
    TensorNode A, TensorNode B, TensorNode Y, bool TransposeA, bool TransposeB, float Alpha)
{
    /// <summary>Whether the batches fit the kernel: two batch dimensions at most.</summary>
    internal bool IsSupported => Y.Shape.Rank is >= 2 and <= 4 && A.Shape.Rank >= 2 && B.Shape.Rank >= 2;

    /// <summary>Adds the launch.</summary>
    internal void Emit(SliceCompiler compiler, Activation activation)
    {
        int width = Grids.VectorWidth(compiler.Device);
        long[] a = Strides(A.Shape), b = Strides(B.Shape), y = Strides(Y.Shape);
        Shape shape = Four(Y.Shape);
        long depth = A.Shape[TransposeA ? ^2 : ^1];
        (long aRow, long aDepth) = TransposeA ? (a[3], a[2]) : (a[2], a[3]);
        (long bDepth, long bColumn) = TransposeB ? (b[3], b[2]) : (b[2], b[3]);
        if (!compiler.Device.IsCpuBacked)
        {
            new ProductLaunch
            {
                Extents = (shape[2], shape[3], depth),
                Batches = (shape[0], shape[1]),
                Reads = [TensorUse.Dense(A), TensorUse.Dense(B)],
                Write = TensorUse.Dense(Y),
                Alpha = Alpha,
                Activation = activation,
                Operands = arguments => arguments
                    .Tensor(A).Ints(a[0], a[1], aRow, aDepth)
                    .Tensor(B).Ints(b[0], b[1], bDepth, bColumn)
                    .Tensor(Y).Ints(y[0], y[1], y[2], 1),
            }.AddChosen(compiler);
            return;
        }
        compiler.Add(new Launch(
            PackedMatrix.Program, "gemm_strided", [TensorUse.Dense(A), TensorUse.Dense(B)], [TensorUse.Dense(Y)], arguments =>
        {
            arguments.Tensor(A).Ints(a[0], a[1], aRow, aDepth).Tensor(B).Ints(b[0], b[1], bDepth, bColumn);
            arguments.Tensor(Y).Ints(y[0], y[1], y[2], shape[1], shape[2], shape[3], depth).Float(Alpha);
            arguments.Activation(activation);
            arguments.SetGrid(Grids.Blocks(shape[3], width), shape[2], shape[0] * shape[1]);
        }));
    }

    private static Shape Four(Shape shape) =>
        new([.. Enumerable.Repeat(1L, 4 - shape.Rank), .. shape]);

    /// <summary>Dense strides in four dimensions: 0 for those that are broadcast over the batch.</summary>
    private static long[] Strides(Shape shape)
    {
        Shape four = Four(shape);
        long[] strides = Placement.StridesOf(four);
        strides[0] = four[0] == 1 ? 0 : strides[0];
        strides[1] = four[1] == 1 ? 0 : strides[1];
        return strides;
    }
}
