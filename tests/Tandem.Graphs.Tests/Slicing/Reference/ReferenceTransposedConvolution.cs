using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Scatters every input element.</summary>
internal sealed class ReferenceTransposedConvolution : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["ConvTranspose"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape filters, Shape output) = (call.InputShape(), call.InputShape(1), call.OutputShape());
        TransposedWindow window = call.TransposedWindow;
        (IReadOnlyList<long> strides, IReadOnlyList<long> dilations) = (window.Strides, window.Dilations);
        IReadOnlyList<long> pads = window.PadsBegin;
        long groups = call.Operator.GetInt("group", 1);
        double[] sums = new double[output.ElementCount];
        (float[] x, float[] w) = (call.Input(), call.Input(1));
        for (long place = 0; place < x.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, input);
            long firstOutput = at[1] / (input[1] / groups) * filters[1];
            for (long tap = 0; tap < filters.Product(1, 4); tap++)
            {
                long[] k = Indexing.Coordinates(tap, new Shape(filters[1], filters[2], filters[3]));
                long row = (at[2] * strides[0]) - pads[0] + (k[1] * dilations[0]);
                long column = (at[3] * strides[1]) - pads[1] + (k[2] * dilations[1]);
                if (row >= 0 && row < output[2] && column >= 0 && column < output[3])
                {
                    sums[Indexing.Place([at[0], firstOutput + k[0], row, column], output)] +=
                        (double)x[place] * w[(at[1] * filters.Product(1, 4)) + tap];
                }
            }
        }
        long plane = output[2] * output[3];
        return [[.. sums.Select((s, i) => (float)(s + (call.Has(2) ? call.Input(2)[i / plane % output[1]] : 0)))]];
    }
}
