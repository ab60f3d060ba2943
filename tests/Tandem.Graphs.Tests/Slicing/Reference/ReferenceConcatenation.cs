namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceConcatenation : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Concat"];

    public float[][] Run(ReferenceCall call)
    {
        Shape output = call.OutputShape();
        int axis = (int)call.Operator.GetInt("axis", 1);
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            int part = 0;
            while (at[axis] >= call.InputShape(part)[axis])
            {
                at[axis] -= call.InputShape(part)[axis];
                part++;
            }
            result[place] = call.Input(part)[Indexing.Place(at, call.InputShape(part))];
        }
        return [result];
    }
}
