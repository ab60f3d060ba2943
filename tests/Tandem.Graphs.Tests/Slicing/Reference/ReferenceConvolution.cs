using Tandem.Graphs.Inference;

namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceConvolution : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Conv"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape filters, Shape output) = (call.InputShape(), call.InputShape(1), call.OutputShape());
        float[] result = call.NewOutput();
        long groups = call.Operator.GetInt("group", 1);
        long perGroup = output[1] / groups;
        int plane = (int)(output[2] * output[3]);
        for (int n = 0; n < output[0]; n++)
        {
            for (int oc = 0; oc < output[1]; oc++)
            {
                int firstInput = (int)((n * input[1]) + (oc / perGroup * filters[1]));
                double bias = call.Has(2) ? call.Input(2)[oc] : 0;
                Plane(call, firstInput, oc, bias, result.AsSpan((int)((n * output[1]) + oc) * plane, plane));
            }
        }
        return [result];
    }

    private static void Plane(ReferenceCall call, int firstInput, int oc, double bias, Span<float> result)
    {
        SlidingWindow window = call.Window;
        (Shape input, Shape filters, Shape output) = (call.InputShape(), call.InputShape(1), call.OutputShape());
        (int rows, int columns) = ((int)input[2], (int)input[3]);
        (int kernelRows, int kernelColumns) = ((int)filters[2], (int)filters[3]);
        (int rowStep, int columnStep) = ((int)window.Dilations[0], (int)window.Dilations[1]);
        int taps = (int)filters[1] * kernelRows * kernelColumns;
        ReadOnlySpan<float> weights = call.Input(1).AsSpan(oc * taps, taps);
        ReadOnlySpan<float> x = call.Input().AsSpan(firstInput * rows * columns, (int)filters[1] * rows * columns);
        (int firstRow, int firstColumn) = (-(int)window.PadsBegin[0], -(int)window.PadsBegin[1]);
        (int down, int right) = ((int)window.Strides[0], (int)window.Strides[1]);
        (int lines, int width) = ((int)filters[1] * kernelRows, (int)output[3]);
        for (int place = 0; place < result.Length; place++)
        {
            int top = firstRow + (place / width * down);
            int left = firstColumn + (place % width * right);
            double sum = bias;
            for (int k = 0; k < lines; k++)
            {
                int row = top + (k % kernelRows * rowStep);
                if ((uint)row >= rows)
                {
                    continue;
                }
                int line = ((k / kernelRows * rows) + row) * columns;
                for (int j = 0, column = left; j < kernelColumns; j++, column += columnStep)
                {
                    sum += (uint)column < columns ? (double)weights[(k * kernelColumns) + j] * x[line + column] : 0;
                }
            }
            result[place] = (float)sum;
        }
    }
}
