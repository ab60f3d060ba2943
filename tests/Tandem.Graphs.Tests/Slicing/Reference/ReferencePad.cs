namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferencePad : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Pad"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape output) = (call.InputShape(), call.OutputShape());
        IReadOnlyList<long> pads = call.Opset >= 11 ? call.Integers(1) : call.Operator.GetInts("pads")!;
        float fill = call.Opset >= 11 && call.Has(2) ? call.Input(2)[0] : call.Operator.GetFloat("value", 0);
        string mode = call.Operator.GetText("mode", "constant");
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            bool isInside = true;
            for (int i = 0; i < at.Length; i++)
            {
                at[i] -= pads[i];
                isInside &= at[i] >= 0 && at[i] < input[i];
                long last = input[i] - 1;
                at[i] = mode == "reflect" && at[i] < 0 ? -at[i]
                    : mode == "reflect" && at[i] > last ? (2 * last) - at[i]
                    : Math.Clamp(at[i], 0, last);
            }
            result[place] = isInside || mode != "constant" ? call.Input()[Indexing.Place(at, input)] : fill;
        }
        return [result];
    }
}
