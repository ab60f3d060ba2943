namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Concat: cut along any axis but the one that is joined.</summary>
internal sealed class ConcatenationRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Concat"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        int rowAxis = Ranges.RowAxis(site.OutputShape);
        return Axis(site) == rowAxis ? OperatorCut.Refused("it joins rows") : Along(site, rowAxis, from, to);
    }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (Axis(site) == 1)
        {
            return ChannelCoupling.Refused("it joins channels");
        }
        return new ChannelCoupling(1,
            [.. Enumerable.Range(0, site.InputCount).Select(i => site.IsVariable(i) ? 1L : 0L)]);
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to) => Along(site, 1, from, to);

    private static int Axis(OperatorSite site)
    {
        long axis = site.Operator.GetInt("axis", 1);
        return (int)(axis < 0 ? axis + site.OutputShape.Rank : axis);
    }

    private static OperatorCut Along(OperatorSite site, int axis, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = site.InputRange(i, axis, from, to);
        }
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(axis, from, to));
    }
}
