namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceBinary : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Add", "Sub", "Mul", "Div", "PRelu", "Sum", "Max"];

    public float[][] Run(ReferenceCall call)
    {
        Shape output = call.OutputShape();
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            float value = call.Input()[Indexing.Place(at, call.InputShape())];
            for (int i = 1; i < call.InputCount; i++)
            {
                value = Combine(call.Operator.Type, value, call.Input(i)[Indexing.Place(at, call.InputShape(i))]);
            }
            result[place] = value;
        }
        return [result];
    }

    private static float Combine(string type, float a, float b) => type switch
    {
        "Add" or "Sum" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        "Max" => Math.Max(a, b),
        _ => a >= 0 ? a : a * b,
    };
}
