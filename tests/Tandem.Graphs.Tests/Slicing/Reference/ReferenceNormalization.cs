namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>
/// BatchNormalization, InstanceNormalization, LRN, ImageScaler: all that treats a channel by its own parameters.
/// </summary>
internal sealed class ReferenceNormalization : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["BatchNormalization", "InstanceNormalization", "LRN", "ImageScaler"];

    public float[][] Run(ReferenceCall call)
    {
        Shape shape = call.OutputShape();
        float[] result = call.NewOutput();
        int plane = (int)shape.Product(2, shape.Rank);
        for (int i = 0; i < shape[0] * shape[1]; i++)
        {
            int channel = (int)(i % shape[1]);
            Span<float> into = result.AsSpan(i * plane, plane);
            if (call.Operator.Type == "LRN")
            {
                AcrossChannels(call, i, channel, into);
                continue;
            }
            ReadOnlySpan<float> x = call.Input().AsSpan(i * plane, plane);
            (double scale, double shift) = Parameters(call, channel, x);
            for (int k = 0; k < plane; k++)
            {
                into[k] = (float)((x[k] * scale) + shift);
            }
        }
        return [result];
    }

    private static (double Scale, double Shift) Parameters(ReferenceCall call, int channel, ReadOnlySpan<float> x)
    {
        if (call.Operator.Type == "ImageScaler")
        {
            var bias = (AttributeValue.Floats)call.Operator.Attributes["bias"];
            return (call.Operator.GetFloat("scale", 1), bias.Values[channel]);
        }
        bool isBatch = call.Operator.Type == "BatchNormalization";
        double mean = isBatch ? call.Input(3)[channel] : Mean(x, 0);
        double variance = isBatch ? call.Input(4)[channel] : Mean(x, mean);
        double scale = call.Input(1)[channel] / Math.Sqrt(variance + call.Operator.GetFloat("epsilon", 1e-5f));
        return (scale, call.Input(2)[channel] - (mean * scale));
    }

    // The mean of x, or of its squared distance from a mean that is not zero.
    private static double Mean(ReadOnlySpan<float> x, double mean)
    {
        double sum = 0;
        foreach (float value in x)
        {
            sum += mean == 0 ? value : (value - mean) * (value - mean);
        }
        return sum / x.Length;
    }

    private static void AcrossChannels(ReferenceCall call, int plane, int channel, Span<float> into)
    {
        Operator op = call.Operator;
        long size = op.GetInt("size", 1);
        long first = Math.Max(0, channel - ((size - 1) / 2));
        long last = Math.Min(call.OutputShape()[1] - 1, channel + (size / 2));
        for (int k = 0; k < into.Length; k++)
        {
            double squares = 0;
            for (long c = first; c <= last; c++)
            {
                float value = call.Input()[((plane - channel + c) * into.Length) + k];
                squares += value * value;
            }
            double factor = op.GetFloat("bias", 1) + (op.GetFloat("alpha", 1e-4f) / size * squares);
            into[k] = (float)(call.Input()[(plane * into.Length) + k] / Math.Pow(factor, op.GetFloat("beta", 0.75f)));
        }
    }
}
