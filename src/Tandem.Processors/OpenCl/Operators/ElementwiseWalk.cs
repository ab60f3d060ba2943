using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>
/// A walk over all indices of a shape, in as few dimensions as the strides of the operands allow: neighbours that every
/// operand passes without a gap are walked as one.
/// </summary>
internal sealed class ElementwiseWalk
{
    /// <summary>Components of the vectors that carry shape and strides to the kernels; the last two are unused.</summary>
    private const int VectorLength = 8;

    private const int ShortRow = 16;

    private ElementwiseWalk(long[] shape, long[][] strides)
    {
        Shape = shape;
        Strides = strides;
    }

    /// <summary>The collapsed dimensions, outermost first, in a vector's components.</summary>
    internal long[] Shape { get; }

    /// <summary>For each operand the strides of the collapsed dimensions.</summary>
    internal long[][] Strides { get; }

    /// <summary>Collapses a shape.</summary>
    internal static ElementwiseWalk Of(Shape shape, params long[][] strides)
    {
        List<int> kept = [.. Enumerable.Range(0, shape.Rank).Where(axis => shape[axis] != 1)];
        List<long> dimensions = [];
        List<List<long>> collapsed = [.. strides.Select(_ => new List<long>())];
        foreach (int axis in kept)
        {
            bool joins = dimensions.Count > 0
                && Enumerable.Range(0, strides.Length).All(k => collapsed[k][^1] == strides[k][axis] * shape[axis]);
            if (joins)
            {
                dimensions[^1] *= shape[axis];
            }
            else
            {
                dimensions.Add(shape[axis]);
            }
            for (int k = 0; k < strides.Length; k++)
            {
                if (joins)
                {
                    collapsed[k][^1] = strides[k][axis];
                }
                else
                {
                    collapsed[k].Add(strides[k][axis]);
                }
            }
        }
        MakeInnermostLong(dimensions, collapsed);
        return new ElementwiseWalk(Padded(dimensions, 1), [.. collapsed.Select(c => Padded(c, 0))]);
    }

    /// <summary>
    /// Exchanges a short innermost dimension for the longest one: finding the begin of a row costs more than strides do.
    /// </summary>
    private static void MakeInnermostLong(List<long> dimensions, List<List<long>> strides)
    {
        if (dimensions.Count == 0 || dimensions[^1] >= ShortRow)
        {
            return;
        }
        int longest = dimensions.IndexOf(dimensions.Max());
        (dimensions[longest], dimensions[^1]) = (dimensions[^1], dimensions[longest]);
        foreach (List<long> operand in strides)
        {
            (operand[longest], operand[^1]) = (operand[^1], operand[longest]);
        }
    }

    /// <summary>Sets the shape, the number of rows and rows for each work-item, and the grid.</summary>
    internal void Set(LaunchArguments arguments, OpenClDevice device)
    {
        long elements = Grids.Chunk(device);
        long inner = Shape[ElementwiseLaunch.MaxRank - 1];
        long rows = 1;
        for (int i = 0; i < ElementwiseLaunch.MaxRank - 1; i++)
        {
            rows *= Shape[i];
        }
        long rowsPerItem = Math.Clamp(elements / inner, 1, rows);
        arguments.Vector(Shape).Ints(rows, rowsPerItem);
        arguments.SetGrid(Grids.Blocks(inner, elements), Grids.Blocks(rows, rowsPerItem));
    }

    /// <summary>The last dimension goes to the innermost component, and missing outer ones are filled.</summary>
    private static long[] Padded(List<long> values, long filler)
    {
        var padded = new long[VectorLength];
        Array.Fill(padded, filler);
        for (int i = 0; i < values.Count; i++)
        {
            padded[ElementwiseLaunch.MaxRank - values.Count + i] = values[i];
        }
        return padded;
    }
}
