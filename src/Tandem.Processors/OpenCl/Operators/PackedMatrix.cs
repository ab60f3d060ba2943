using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
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
    private const int ColumnsPerItem = 4;

    private readonly Constant _constant;
    private readonly bool _transposed;
    private readonly float _alpha;
    private readonly float[]? _scale;
    private readonly float[]? _bias;

    private PackedMatrix(
        Constant constant, bool transposed, float alpha, float[]? scale, float[]? bias, int depth, int columns)
    {
        _constant = constant;
        _transposed = transposed;
        _alpha = alpha;
        _scale = scale;
        _bias = bias;
        Depth = depth;
        Columns = columns;
    }

    internal int Depth { get; }

    internal int Columns { get; }

    /// <summary>Takes a matrix with its factor, bias, and what is fused after the product.</summary>
    /// <param name="constant">The matrix as it is stored.</param>
    /// <param name="transposed">Whether it is stored as columns and depth.</param>
    /// <param name="alpha">What the product is multiplied by.</param>
    /// <param name="bias">What is added to each column; null for nothing.</param>
    /// <param name="tail">What is fused after the product.</param>
    internal static PackedMatrix Of(Constant constant, bool transposed, float alpha, float[]? bias, FusedTail tail)
    {
        Shape shape = constant.Tensor.Shape;
        int depth = (int)shape[transposed ? 1 : 0], columns = (int)shape[transposed ? 0 : 1];
        float[]? shift = bias is null && tail.Scale is null ? null : FoldedWeights.Bias(bias ?? new float[columns], tail);
        return new PackedMatrix(constant, transposed, alpha, tail.Scale, shift, depth, columns);
    }

    /// <summary>Adds the launch that multiplies rows by the matrix.</summary>
    internal void Emit(SliceCompiler compiler, TensorNode a, TensorNode y, int rows, Activation activation)
    {
        if (compiler.Device.IsCpuBacked && rows < RowsPerItem)
        {
            EmitVectors(compiler, a, y, rows, activation);
            return;
        }
        if (!compiler.Device.IsCpuBacked)
        {
            EmitForGpu(compiler, a, y, rows, activation);
            return;
        }
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

    /// <summary>
    /// Adds the launch for a GPU. Its rows are the matrix's columns, so that weights and bias are read side by side; its columns are
    /// the rows of the other matrix.
    /// </summary>
    private void EmitForGpu(SliceCompiler compiler, TensorNode a, TensorNode y, int rows, Activation activation)
    {
        ConstantSlot weights = Pack(compiler.Constants, Columns, 1);
        new ProductLaunch
        {
            Extents = (Columns, rows, Depth),
            Reads = [TensorUse.Dense(a)],
            Write = TensorUse.Dense(y),
            Bias = _bias is null ? null : compiler.Constants.Add(_bias),
            Activation = activation,
            Operands = arguments => arguments
                .Constant(weights).Ints(0, 0, 1, Columns)
                .Tensor(a).Ints(0, 0, 1, Depth)
                .Tensor(y).Ints(0, 0, 1, Columns),
        }.AddChosen(compiler);
    }

    /// <summary>
    /// Adds the launch that multiplies few rows on a CPU-backed device: it streams the matrix, column after column.
    /// </summary>
    private void EmitVectors(SliceCompiler compiler, TensorNode a, TensorNode y, int rows, Activation activation)
    {
        ConstantSlot weights = Pack(compiler.Constants, 1, Columns);
        ConstantSlot bias = _bias is null ? weights : compiler.Constants.Add(_bias);
        compiler.Add(new Launch(
            CpuConvolution.Program, "fc", [TensorUse.Dense(a)], [TensorUse.Dense(y)], arguments =>
        {
            Placement from = arguments.Place(a), to = arguments.Place(y);
            arguments.Memory(from.Memory).Block(weights).Block(bias).Memory(to.Memory).Memory(to.Memory);
            arguments.Structure(new CpuConvolutionParameters
            {
                InputOffset = checked((int)from.Offset),
                InputChannelStride = Depth,
                OutputOffset = checked((int)to.Offset),
                OutputChannelStride = Columns,
                WeightOffset = weights.Offset,
                BiasOffset = bias.Offset,
                GroupIn = Depth,
                GroupOut = Columns,
                PerItem = rows,
                HasBias = _bias is not null,
                Activation = activation,
            });
            arguments.SetGrid(Grids.Blocks(Columns, ColumnsPerItem));
        }));
    }

    /// <summary>Elements as [panel][depth][column of the panel], multiplied by their factors.</summary>
    private ConstantSlot Pack(ConstantPool constants, int panel, int panels)
    {
        ConstantSlot slot = constants.ReserveWeights((long)panels * panel * Depth, out Span<float> packed);
        packed.Clear();
        ReadOnlySpan<float> elements = _constant.AsSpan<float>();
        for (int column = 0; column < Columns; column++)
        {
            Span<float> to = packed[(column / panel * panel * Depth + column % panel)..];
            float factor = _alpha * (_scale?[column] ?? 1);
            int from = _transposed ? column * Depth : column, step = _transposed ? 1 : Columns;
            for (int k = 0; k < Depth; k++)
            {
                to[k * panel] = factor * elements[from + k * step];
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
