using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>Linear maps along one axis, by matrices that are known beforehand, such as padding by reflection or resizing.</summary>
internal static class AxisMaps
{
    /// <summary>The gradient of a map's input: its output's gradient times the matrix, along the axis.</summary>
    /// <param name="draft">The draft.</param>
    /// <param name="gradient">The gradient of the output.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="matrix">How much of each place of the input (columns) is in each place of the output (rows).</param>
    public static Tensor Transposed(GraphDraft draft, Tensor gradient, int axis, double[,] matrix)
    {
        (int outputs, int inputs) = (matrix.GetLength(0), matrix.GetLength(1));
        double[] transposed = new double[inputs * outputs];
        for (int i = 0; i < transposed.Length; i++)
        {
            transposed[i] = matrix[i % outputs, i / outputs];
        }
        Shape shape = gradient.Shape;
        Tensor split = draft.Reshape(
            gradient, new Shape(shape.Product(0, axis), outputs, shape.Product(axis + 1, shape.Rank)));
        Tensor product = draft.MatMul(draft.Numbers(transposed, gradient.Type, new Shape(inputs, outputs)), split);
        return draft.Reshape(product, shape.With(axis, inputs));
    }

    /// <summary>The matrix of a map that takes each place of its output from one place of its input.</summary>
    public static double[,] OfPlaces(IReadOnlyList<long> places, long inputs)
    {
        double[,] matrix = new double[places.Count, inputs];
        for (int i = 0; i < places.Count; i++)
        {
            matrix[i, places[i]] = 1;
        }
        return matrix;
    }
}
