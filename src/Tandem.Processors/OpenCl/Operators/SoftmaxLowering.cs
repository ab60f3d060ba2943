using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Softmax and LogSoftmax: over one axis since opset 13, over the axis and all after it before.</summary>
internal sealed class SoftmaxLowering : IOperatorLowering
{
    private const int OneAxisSince = 13;

    private const int ShortRow = 32;
    private const long ElementsPerItem = 4096;

    private static readonly ProgramKey Program = new("normalization");

    public IEnumerable<string> Types => ["Softmax", "LogSoftmax"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        int rank = x.Shape.Rank;
        bool oneAxis = compiler.Graph.Opset >= OneAxisSince;
        int axis = (int)op.GetInt("axis", oneAxis ? -1 : 1);
        axis = axis < 0 ? axis + rank : axis;
        int end = oneAxis ? axis + 1 : rank;
        long rows = x.Shape.Product(0, axis), count = x.Shape.Product(axis, end), inner = x.Shape.Product(end, rank);
        int logarithm = op.Type == "LogSoftmax" ? 1 : 0;
        if (compiler.Device.IsCpuBacked && inner == 1)
        {
            EmitRows(compiler, x, y, rows, count, logarithm);
        }
        else
        {
            Emit(compiler, "softmax", x, y, rows, count, inner, logarithm);
        }
    }

    /// <summary>Adds the launch over the last dimension: vectors of rows where it is short, otherwise vectors of elements.</summary>
    private static void EmitRows(SliceCompiler compiler, TensorNode x, TensorNode y, long rows, long count, int logarithm)
    {
        bool isShort = count < ShortRow;
        long perItem = Math.Max(ShortRow, ElementsPerItem / count);
        compiler.Add(new Launch(
            Program, isShort ? "softmax_short" : "softmax_long", [TensorUse.Dense(x)], [TensorUse.Dense(y)], arguments =>
        {
            arguments.Tensor(x).Tensor(y).Ints(count, rows, perItem, logarithm);
            arguments.SetGrid(Grids.Blocks(rows, perItem));
        }));
    }

    /// <summary>Adds the launch of a kernel over the middle dimension of [outer, count, inner].</summary>
    internal static void Emit(
        SliceCompiler compiler, string kernel, TensorNode x, TensorNode y, long outer, long count, long inner, int option) =>
        compiler.Add(new Launch(Program, kernel, [TensorUse.Dense(x)], [TensorUse.Dense(y)], arguments =>
        {
            arguments.Tensor(x).Tensor(y).Ints(count, inner, option);
            arguments.SetGrid(inner, outer);
        }));
}
