using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// Rows of numbers moved as a whole. ONNX Runtime's Gather and Concat share such work between threads, its Transpose and Pad do not.
/// </summary>
internal static class Rows
{
    private const int FewestForGather = 4096;

    /// <summary>A tensor whose leading dimensions are in another order; the last stays where it is.</summary>
    public static Tensor Transpose(GraphDraft draft, Tensor x, params long[] order)
    {
        long[] leading = [.. x.Shape.Take(x.Shape.Rank - 1)];
        long length = x.Shape[^1];
        var shape = new Shape([.. order.Select(axis => leading[axis]), length]);
        if (x.Shape.ElementCount / length < FewestForGather)
        {
            return draft.Transpose(x, [.. order, leading.Length]);
        }
        string name = $"rows [{string.Join(',', leading)}] in order [{string.Join(',', order)}]";
        Tensor rows = draft.Has(name)
            ? draft[name]
            : draft.Constant(Constant.Of<int>(name, ElementType.Int32, new Shape(x.Shape.ElementCount / length), Order(leading, order)));
        Tensor flat = draft.Reshape(x, new Shape(x.Shape.ElementCount / length, length));
        return draft.Reshape(draft.Add("Gather", [flat, rows], ("axis", Expressions.Int(0))), shape);
    }

    /// <summary>Matrices side by side; a number stands for that many columns of zeros.</summary>
    public static Tensor Join(GraphDraft draft, params IReadOnlyList<(Tensor? Matrix, long Zeros)> parts)
    {
        long rows = parts.First(part => part.Matrix is not null).Matrix!.Shape[0];
        return draft.Add(
            "Concat", [.. parts.Where(p => p.Matrix is not null || p.Zeros > 0).Select(part => part.Matrix ?? Zeros(draft, rows, part.Zeros))],
            ("axis", Expressions.Int(1)));
    }

    private static Tensor Zeros(GraphDraft draft, long rows, long columns)
    {
        string name = $"zeros [{rows},{columns}]";
        return draft.Has(name)
            ? draft[name]
            : draft.Constant(Constant.Of<float>(name, ElementType.Float32, new Shape(rows, columns), new float[rows * columns]));
    }

    // For each row in the new order, where it is in the old one.
    private static int[] Order(long[] extents, long[] order)
    {
        int[] strides = new int[extents.Length];
        int rows = 1;
        for (int axis = extents.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = rows;
            rows *= (int)extents[axis];
        }
        int[] result = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            int rest = row;
            for (int i = order.Length - 1; i >= 0; i--)
            {
                int extent = (int)extents[order[i]];
                result[row] += rest % extent * strides[order[i]];
                rest /= extent;
            }
        }
        return result;
    }
}
