namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Slice with steps of one.</summary>
internal sealed class ReferenceSlice : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Slice"];

    public float[][] Run(ReferenceCall call)
    {
        Shape output = call.OutputShape();
        IReadOnlyList<long> starts = call.Opset >= 10 ? call.Integers(1) : call.Operator.GetInts("starts")!;
        IReadOnlyList<long> axes = call.Opset >= 10 ? call.Integers(3) : call.Operator.GetInts("axes")!;
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            for (int i = 0; i < axes.Count; i++)
            {
                at[axes[i]] += starts[i];
            }
            result[place] = call.Input()[Indexing.Place(at, call.InputShape())];
        }
        return [result];
    }
}
