using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Pad with a constant, by reflection or by the edge, in up to four dimensions.</summary>
internal sealed class PadLowering : IOperatorLowering
{
    private static readonly string[] Modes = ["constant", "reflect", "edge"];

    public IEnumerable<string> Types => ["Pad"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        string name = op.GetText("mode", "constant");
        int mode = Array.IndexOf(Modes, name);
        if (x.Shape.Rank > 4 || mode < 0)
        {
            throw compiler.Refuse(op, $"mode '{name}' in {x.Shape.Rank} dimensions is not supported");
        }
        long[] before = Before(op, x.Shape.Rank, compiler);
        float value = op.HasInput(2) ? compiler.ConstantFloats(op, 2)[0] : op.GetFloat("value", 0);
        long[] from = Four(x.Shape, 1), to = Four(y.Shape, 1), first = Four(before, 0);
        compiler.Add(new Launch(ElementwiseLaunch.Program, "pad", [TensorUse.Dense(x)], [TensorUse.Dense(y)], arguments =>
        {
            arguments.Tensor(x).Tensor(y).Vector(from).Vector(to).Vector(first).Int(mode).Float(value);
            arguments.SetGrid(to[0] * to[1] * to[2]);
        }));
    }

    private static long[] Before(Operator op, int rank, SliceCompiler compiler)
    {
        IReadOnlyList<long> pads = op.GetInts("pads") ?? compiler.ConstantInts(op, 1);
        if (!op.HasInput(3))
        {
            return [.. pads.Take(rank)];
        }
        var before = new long[rank];
        long[] axes = compiler.ConstantInts(op, 3);
        for (int i = 0; i < axes.Length; i++)
        {
            before[axes[i] < 0 ? axes[i] + rank : axes[i]] = pads[i];
        }
        return before;
    }

    private static long[] Four(IReadOnlyCollection<long> values, long filler) =>
        [.. Enumerable.Repeat(filler, 4 - values.Count), .. values];
}
