using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Resize and Upsample of the last one or two axes, by the nearest element or linearly.</summary>
internal sealed class ResizeLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Resize", "Upsample"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(op.Outputs[0]);
        if (x.Shape.Rank is not (3 or 4) || x.Shape[0] != y.Shape[0] || x.Shape[1] != y.Shape[1])
        {
            throw compiler.Refuse(op, $"resizing {x.Shape} to {y.Shape} is not supported, only planes of images");
        }
        Plane input = Plane.Of(x.Shape), output = Plane.Of(y.Shape);
        float[]? scales = Scales(op, x.Shape.Rank, compiler);
        var rows = ResizeTaps.Of(
            op, compiler, input.Rows, output.Rows, x.Shape.Rank == 3 ? null : scales?[^2]);
        var columns = ResizeTaps.Of(op, compiler, input.Columns, output.Columns, scales?[^1]);
        ConstantSlot rowIndex = compiler.Constants.Add(rows.Indices), rowWeight = compiler.Constants.Add(rows.Weights);
        ConstantSlot columnIndex = compiler.Constants.Add(columns.Indices), columnWeight = compiler.Constants.Add(columns.Weights);
        compiler.Add(new Launch(
            ElementwiseLaunch.Program, "resize", [TensorUse.Planes(x)], [TensorUse.Planes(y)], arguments =>
        {
            arguments.Planes(x).Planes(y).Constant(rowIndex).Constant(rowWeight).Int(rows.Count);
            arguments.Constant(columnIndex).Constant(columnWeight).Int(columns.Count);
            arguments.Ints(x.Shape[1], input.Columns, output.Rows, output.Columns);
            arguments.SetGrid(
                Grids.Blocks(output.Columns, Grids.Chunk(compiler.Device)), output.Rows, x.Shape[0] * x.Shape[1]);
        }));
    }

    /// <summary>One scale for each axis; null where sizes are given instead.</summary>
    private static float[]? Scales(Operator op, int rank, SliceCompiler compiler)
    {
        if (op.Attributes.GetValueOrDefault("scales") is AttributeValue.Floats { Values: var values })
        {
            return [.. values];
        }
        int place = op.Type == "Upsample" || compiler.Graph.Opset < 11 ? 1 : 2;
        float[]? given = op.HasInput(place) ? compiler.ConstantFloats(op, place) : null;
        if (given is null or { Length: 0 } || op.GetInts("axes") is not { Count: > 0 } axes)
        {
            return given is { Length: > 0 } ? given : null;
        }
        float[] scales = [.. Enumerable.Repeat(1f, rank)];
        for (int i = 0; i < axes.Count; i++)
        {
            scales[axes[i] < 0 ? axes[i] + rank : axes[i]] = given[i];
        }
        return scales;
    }
}
