namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>ReduceMean that keeps its axes (an attribute, before opset 18).</summary>
internal sealed class ReferenceMean : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["ReduceMean"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape output) = (call.InputShape(), call.OutputShape());
        double[] sums = new double[output.ElementCount];
        for (long place = 0; place < input.ElementCount; place++)
        {
            sums[Indexing.Place(Indexing.Coordinates(place, input), output)] += call.Input()[place];
        }
        double count = (double)input.ElementCount / output.ElementCount;
        return [[.. sums.Select(s => (float)(s / count))]];
    }
}
