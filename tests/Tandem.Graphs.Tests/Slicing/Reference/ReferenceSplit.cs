namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceSplit : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Split"];

    public float[][] Run(ReferenceCall call)
    {
        int axis = (int)call.Operator.GetInt("axis", 0);
        float[][] results = new float[call.Operator.Outputs.Count][];
        long offset = 0;
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = call.NewOutput(i);
            for (long place = 0; place < results[i].Length; place++)
            {
                long[] at = Indexing.Coordinates(place, call.OutputShape(i));
                at[axis] += offset;
                results[i][place] = call.Input()[Indexing.Place(at, call.InputShape())];
            }
            offset += call.OutputShape(i)[axis];
        }
        return results;
    }
}
