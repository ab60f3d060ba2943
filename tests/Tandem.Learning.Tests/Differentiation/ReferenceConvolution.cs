namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Convolutions with one or two spatial axes (rows and columns), written out in double precision.</summary>
internal sealed record ReferenceConvolution(
    int Batch, int Channels, int Rows, int Columns, int Outputs, int Groups, int KernelRows, int KernelColumns,
    int StrideRows, int StrideColumns, int DilationRows, int DilationColumns, int[] Pads)
{
    public int OutputRows => Extent(Rows, KernelRows, StrideRows, DilationRows, Pads[0] + Pads[2]);

    public int OutputColumns => Extent(Columns, KernelColumns, StrideColumns, DilationColumns, Pads[1] + Pads[3]);

    /// <summary>Sums over windows: x and weights to the small image.</summary>
    public double[] Forward(double[] x, double[] weights)
    {
        double[] y = new double[Batch * Outputs * OutputRows * OutputColumns];
        Walk((large, weight, small) => y[small] += x[large] * weights[weight]);
        return y;
    }

    /// <summary>Spreads the small image: what ConvTranspose does.</summary>
    public double[] Transposed(double[] small, double[] weights)
    {
        double[] x = new double[Batch * Channels * Rows * Columns];
        Walk((large, weight, place) => x[large] += small[place] * weights[weight]);
        return x;
    }

    private static int Extent(int extent, int kernel, int stride, int dilation, int pads) =>
        ((extent + pads - ((kernel - 1) * dilation) - 1) / stride) + 1;

    private void Walk(Action<int, int, int> visit)
    {
        int perGroup = Channels / Groups;
        for (int i = 0; i < Batch * Outputs * OutputRows * OutputColumns; i++)
        {
            int column = i % OutputColumns;
            int row = i / OutputColumns % OutputRows;
            int output = i / (OutputColumns * OutputRows) % Outputs;
            int image = i / (OutputColumns * OutputRows * Outputs);
            for (int tap = 0; tap < perGroup * KernelRows * KernelColumns; tap++)
            {
                int v = tap % KernelColumns;
                int u = tap / KernelColumns % KernelRows;
                int channel = tap / (KernelColumns * KernelRows);
                int r = (row * StrideRows) + (u * DilationRows) - Pads[0];
                int c = (column * StrideColumns) + (v * DilationColumns) - Pads[1];
                if (r >= 0 && r < Rows && c >= 0 && c < Columns)
                {
                    int place = (output / (Outputs / Groups) * perGroup) + channel;
                    visit(
                        (((((image * Channels) + place) * Rows) + r) * Columns) + c,
                        (output * perGroup * KernelRows * KernelColumns) + tap, i);
                }
            }
        }
    }
}
