using System.Numerics;

namespace Tandem.Prediction.Kernels;

/// <summary>Solves linear systems with symmetric positive definite matrices: A = L L^T.</summary>
internal sealed class Cholesky
{
    // What rounding makes of a zero.
    private const double LeastPivot = 1e-10;

    private readonly double[][] _rows;

    /// <summary>Factorises a matrix.</summary>
    /// <param name="size">Its rows.</param>
    /// <param name="element">Its elements; asked where the column is not greater than the row.</param>
    public Cholesky(int size, Func<int, int, double> element)
    {
        _rows = new double[size][];
        for (int i = 0; i < size; i++)
        {
            var row = new double[i + 1];
            for (int j = 0; j < i; j++)
            {
                row[j] = (element(i, j) - Dot(row, _rows[j], j)) / _rows[j][j];
            }
            row[i] = Math.Sqrt(Math.Max(LeastPivot, element(i, i) - Dot(row, row, i)));
            _rows[i] = row;
            LogDeterminant += 2 * Math.Log(row[i]);
        }
    }

    /// <summary>The logarithm of the matrix's determinant.</summary>
    public double LogDeterminant { get; }

    /// <summary>The x of A x = b.</summary>
    public double[] Solve(double[] right)
    {
        var x = new double[right.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (right[i] - Dot(_rows[i], x, i)) / _rows[i][i];
        }
        for (int i = x.Length - 1; i >= 0; i--)
        {
            x[i] /= _rows[i][i];
            for (int j = 0; j < i; j++)
            {
                x[j] -= _rows[i][j] * x[i];
            }
        }
        return x;
    }

    /// <summary>The sum of the first products.</summary>
    public static double Dot(double[] a, double[] b, int count)
    {
        Vector<double> sums = Vector<double>.Zero;
        int i = 0;
        for (; i + Vector<double>.Count <= count; i += Vector<double>.Count)
        {
            sums += new Vector<double>(a, i) * new Vector<double>(b, i);
        }
        double sum = Vector.Sum(sums);
        for (; i < count; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
