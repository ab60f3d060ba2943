using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>GlobalAveragePool and GlobalMaxPool: reductions of planes.</summary>
internal sealed class GlobalPoolingLowering : IOperatorLowering
{
    private const long ElementsPerItem = 4096;

    private static readonly ProgramKey Program = new("normalization");

    public IEnumerable<string> Types => ["GlobalAveragePool", "GlobalMaxPool"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        long count = x.Shape.Product(2, x.Shape.Rank);
        bool average = op.Type == "GlobalAveragePool";
        EmitRows(
            compiler, x, compiler.Node(op.Outputs[0]), x.Shape[0] * x.Shape[1], count,
            average ? ReduceFunction.Sum : ReduceFunction.Max, average ? 1f / count : 1, false);
    }

    /// <summary>Adds the launch that reduces runs of contiguous elements, of which each is a plane of the tensor.</summary>
    internal static void EmitRows(
        SliceCompiler compiler, TensorNode x, TensorNode y, long rows, long count, ReduceFunction function, float scale, bool root)
    {
        bool planes = x.Shape.Rank > 2 && count == x.Shape.Product(2, x.Shape.Rank);
        long perItem = compiler.Device.IsCpuBacked ? Math.Max(1, ElementsPerItem / count) : 1;
        compiler.Add(new Launch(
            Program,
            "reduce_rows",
            [planes ? TensorUse.Planes(x) : TensorUse.Dense(x)],
            [TensorUse.Dense(y)],
            arguments =>
        {
            if (planes)
            {
                arguments.Planes(x).Tensor(y).Int(x.Shape[1]);
            }
            else
            {
                arguments.Tensor(x).Ints(count * rows, count).Tensor(y).Int(rows);
            }
            arguments.Int(count).Int((int)function).Float(scale).Int(root ? 1 : 0).Ints(rows, perItem);
            arguments.SetGrid(Grids.Blocks(rows, perItem));
        }));
    }
}
