using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>MaxPool and AveragePool over one or two axes.</summary>
internal sealed class PoolingLowering : IOperatorLowering
{
    private static readonly ProgramKey Program = new("pooling");

    public IEnumerable<string> Types => ["MaxPool", "AveragePool"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        if (x.Shape.Rank is not (3 or 4))
        {
            throw compiler.Refuse(op, $"pooling over {x.Shape.Rank - 2} axes is not supported, only over one or two");
        }
        if (op.Outputs.Count > 1 && op.Outputs[1].Length > 0
            && (compiler.IsOutput(op.Outputs[1]) || compiler.Graph.Consumers(op.Outputs[1]).Count > 0))
        {
            throw compiler.Refuse(op, "the indices of the maxima are not supported");
        }
        var window = SlidingWindow.Of(op, compiler.Graph);
        Plane input = Plane.Of(x.Shape), output = Plane.Of(y.Shape);
        Plane kernel = Plane.Of(window.Kernel, 1), stride = Plane.Of(window.Strides, 1);
        Plane dilation = Plane.Of(window.Dilations, 1), begin = Plane.Of(window.PadsBegin, 0), end = Plane.Of(window.PadsEnd, 0);
        bool average = op.Type == "AveragePool";
        int width = Grids.VectorWidth(compiler.Device);
        compiler.Add(new Launch(
            Program, average ? "average_pool" : "max_pool", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y);
            arguments.Ints(
                x.Shape[1], input.Rows, input.Columns, output.Rows, output.Columns, kernel.Rows, kernel.Columns,
                stride.Rows, stride.Columns, begin.Rows, begin.Columns, dilation.Rows, dilation.Columns);
            if (average)
            {
                arguments.Ints(
                    op.GetInt("count_include_pad", 0), input.Rows + end.Rows, input.Columns + end.Columns);
            }
            arguments.SetGrid(Grids.Blocks(output.Columns, width), output.Rows, x.Shape[0] * x.Shape[1]);
        }));
    }
}
