using Tandem.Graphs;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>A convolution with bias, a tensor that is added, and Relu, as a graph and by its definition.</summary>
internal sealed record NaiveConvolution
{
    private Graph? _graph;

    public int Batch { get; init; } = 1;

    public int Groups { get; init; } = 1;

    public required int Inputs { get; init; }

    public required int Outputs { get; init; }

    public required int Rows { get; init; }

    public required int Columns { get; init; }

    public (int Rows, int Columns) Kernel { get; init; } = (3, 3);

    public (int Rows, int Columns) Strides { get; init; } = (1, 1);

    public (int Rows, int Columns) Dilations { get; init; } = (1, 1);

    /// <summary>Padding at the top, left, bottom and right.</summary>
    public int[] Pads { get; init; } = [0, 0, 0, 0];

    public int OutRows => (Rows + Pads[0] + Pads[2] - (Kernel.Rows - 1) * Dilations.Rows - 1) / Strides.Rows + 1;

    public int OutColumns => (Columns + Pads[1] + Pads[3] - (Kernel.Columns - 1) * Dilations.Columns - 1) / Strides.Columns + 1;

    public Graph Graph => _graph ??= new GraphSketch()
        .Input("x", Batch, Inputs, Rows, Columns).Input("z", Batch, Outputs, OutRows, OutColumns)
        .Weights("w", [Outputs, Inputs / Groups, Kernel.Rows, Kernel.Columns]).Weights("b", [Outputs])
        .Op(
            "Conv", "x w b", "c", ("group", Groups), ("pads", Pads), ("strides", new[] { Strides.Rows, Strides.Columns }),
            ("dilations", new[] { Dilations.Rows, Dilations.Columns }))
        .Op("Add", "c z", "s").Op("Relu", "s", "y").Build();

    /// <summary>The output, element by element, summed in double precision.</summary>
    public IEnumerable<double> Define(float[] x, float[] z)
    {
        float[] w = Graph.Constants["w"].AsSpan<float>().ToArray(), b = Graph.Constants["b"].AsSpan<float>().ToArray();
        for (int i = 0; i < z.Length; i++)
        {
            int column = i % OutColumns, row = i / OutColumns % OutRows, channel = i / (OutColumns * OutRows) % Outputs;
            int image = i / (OutColumns * OutRows * Outputs);
            yield return Math.Max(0, b[channel] + z[i] + Sum(x, w, image, channel, row, column));
        }
    }

    private double Sum(float[] x, float[] w, int image, int channel, int row, int column)
    {
        int groupInputs = Inputs / Groups, first = channel / (Outputs / Groups) * groupInputs;
        double sum = 0;
        for (int k = 0; k < groupInputs * Kernel.Rows * Kernel.Columns; k++)
        {
            int input = k / (Kernel.Rows * Kernel.Columns), place = k % (Kernel.Rows * Kernel.Columns);
            int h = row * Strides.Rows - Pads[0] + place / Kernel.Columns * Dilations.Rows;
            int v = column * Strides.Columns - Pads[1] + place % Kernel.Columns * Dilations.Columns;
            if (h >= 0 && h < Rows && v >= 0 && v < Columns)
            {
                sum += (double)x[((image * Inputs + first + input) * Rows + h) * Columns + v]
                    * w[channel * groupInputs * Kernel.Rows * Kernel.Columns + k];
            }
        }
        return sum;
    }
}
