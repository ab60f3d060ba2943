using Tandem.Graphs.Inference;

namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>
/// MaxPool and AveragePool. Where padding is counted, a window counts what lies in the padded input, not what hangs
/// over it.
/// </summary>
internal sealed class ReferencePooling : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["MaxPool", "AveragePool"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape output) = (call.InputShape(), call.OutputShape());
        SlidingWindow window = call.Window;
        float[] x = call.Input();
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            result[place] = Reduce(call, window, x, input, at);
        }
        return [result];
    }

    private static float Reduce(ReferenceCall call, SlidingWindow window, float[] x, Shape input, long[] at)
    {
        long first = ((at[0] * input[1]) + at[1]) * input[2] * input[3];
        (double sum, double greatest) = (0, double.NegativeInfinity);
        (int inside, int padded) = (0, 0);
        for (long i = 0; i < window.Kernel[0]; i++)
        {
            for (long j = 0; j < window.Kernel[1]; j++)
            {
                long row = (at[2] * window.Strides[0]) - window.PadsBegin[0] + (i * window.Dilations[0]);
                long column = (at[3] * window.Strides[1]) - window.PadsBegin[1] + (j * window.Dilations[1]);
                padded += row < input[2] + window.PadsEnd[0] && column < input[3] + window.PadsEnd[1] ? 1 : 0;
                if (row >= 0 && row < input[2] && column >= 0 && column < input[3])
                {
                    float value = x[first + (row * input[3]) + column];
                    sum += value;
                    greatest = Math.Max(greatest, value);
                    inside++;
                }
            }
        }
        return (float)(call.Operator.Type == "MaxPool" ? greatest
            : sum / (call.Operator.GetInt("count_include_pad", 0) != 0 ? padded : inside));
    }
}
