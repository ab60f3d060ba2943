namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Softmax along one axis (opset 13).</summary>
internal sealed class ReferenceSoftmax : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Softmax"];

    public float[][] Run(ReferenceCall call)
    {
        Shape shape = call.OutputShape();
        int axis = (int)call.Operator.GetInt("axis", -1);
        axis = axis < 0 ? axis + shape.Rank : axis;
        double[] powers = [.. call.Input().Select(x => Math.Exp(x))];
        long inner = shape.Product(axis + 1, shape.Rank);
        double Sum(long place)
        {
            long first = place - (place / inner % shape[axis] * inner);
            return Enumerable.Range(0, (int)shape[axis]).Sum(k => powers[first + (k * inner)]);
        }
        return [[.. powers.Select((power, place) => (float)(power / Sum(place)))]];
    }
}
