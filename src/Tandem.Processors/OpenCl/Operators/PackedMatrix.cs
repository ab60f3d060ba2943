using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>
/// The constant right-hand side of a matrix product, with bias, in the order that the kernels read it in: panels of columns.
/// </summary>
internal sealed class PackedMatrix
{
    /// <summary>The program of matrix products.</summary>
    internal static readonly ProgramKey Program = new("gemm");

    private const int RowsPerItem = 6;

    private readonly float[] _weights;
    private readonly bool _transposed;
    private readonly float _alpha;
    private readonly float[]? _bias;

    private PackedMatrix(float[] weights, bool transposed, float alpha, float[]? bias, int depth, int columns)
    {
        _weights = weights;
        _transposed = transposed;
        _alpha = alpha;
        _bias = bias;
        Depth = depth;
        Columns = columns;
    }

    internal int Depth { get; }

    internal int Columns { get; }

    /// <summary>Takes a matrix with its factor, bias, and what is fused after the product.</summary>
    /// <param name="weights">The elements in row-major order.</param>
    /// <param name="shape">Rows and columns of the matrix as it is stored.</param>
    /// <param name="transposed">Whether it is stored as columns and depth.</param>
    /// <param name="alpha">What the product is multiplied by.</param>
    /// <param name="bias">What is added to each column; null for nothing.</param>
    /// <param name="tail">What is fused after the product.</param>
    internal static PackedMatrix Of(
        float[] weights, Shape shape, bool transposed, float alpha, float[]? bias, FusedTail tail)
    {
        int depth = (int)shape[transposed ? 1 : 0], columns = (int)shape[transposed ? 0 : 1];
        float[]? shift = bias is null && tail.Scale is null ? null : FoldedWeights.Bias(bias ?? new float[columns], tail);
        if (tail.Scale is { } scale)
        {
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] *= scale[transposed ? i / depth : i % columns];
            }
        }
        return new PackedMatrix(weights, transposed, alpha, shift, depth, columns);
    }

    /// <summary>Adds the launch that multiplies rows by the matrix.</summary>
    internal void Emit(SliceCompiler compiler, TensorNode a, TensorNode y, int rows, Activation activation)
    {
        int panel = 2 * Grids.VectorWidth(compiler.Device);
        int panels = (int)Grids.Blocks(Columns, panel);
        ConstantSlot weights = Pack(compiler.Constants, panel, panels);
        ConstantSlot? bias = _bias is null ? null : PackBias(compiler.Constants, panel * panels);
        int each = rows >= RowsPerItem ? RowsPerItem : 1;
        compiler.Add(new Launch(
            Program, each == 1 ? "gemm_packed_1" : "gemm_packed_6", [TensorUse.Dense(a)], [TensorUse.Dense(y)], arguments =>
        {
            arguments.Tensor(a).Int(Depth).Constant(weights);
            if (bias is { } slot)
            {
                arguments.Constant(slot);
            }
            else
            {
                arguments.Constant(weights with { Offset = -1 });
            }
            arguments.Tensor(y).Ints(Columns, rows, Columns, Depth).Activation(activation);
            arguments.SetGrid(panels, Grids.Blocks(rows, each));
        }));
    }

    /// <summary>Elements as [panel][depth][column of the panel].</summary>
    private ConstantSlot Pack(ConstantPool constants, int panel, int panels)
    {
        ConstantSlot slot = constants.Reserve((long)panels * panel * Depth, out Span<float> packed);
        packed.Clear();
        for (int column = 0; column < Columns; column++)
        {
            Span<float> to = packed.Slice(column / panel * panel * Depth + column % panel);
            for (int k = 0; k < Depth; k++)
            {
                to[k * panel] = _alpha * _weights[_transposed ? column * Depth + k : k * Columns + column];
            }
        }
        return slot;
    }

    private ConstantSlot PackBias(ConstantPool constants, int count)
    {
        ConstantSlot slot = constants.Reserve(count, out Span<float> packed);
        packed.Clear();
        _bias.CopyTo(packed);
        return slot;
    }
}
