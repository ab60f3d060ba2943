namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceGlobalPooling : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["GlobalAveragePool", "GlobalMaxPool"];

    public float[][] Run(ReferenceCall call)
    {
        float[] result = call.NewOutput();
        int plane = (int)call.InputShape().Product(2, call.InputShape().Rank);
        for (int i = 0; i < result.Length; i++)
        {
            Span<float> channel = call.Input().AsSpan(i * plane, plane);
            double sum = 0;
            float greatest = float.NegativeInfinity;
            foreach (float value in channel)
            {
                sum += value;
                greatest = Math.Max(greatest, value);
            }
            result[i] = call.Operator.Type == "GlobalMaxPool" ? greatest : (float)(sum / plane);
        }
        return [result];
    }
}
