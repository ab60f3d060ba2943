namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Split along any axis but the rows: every output is cut by the same rows.</summary>
internal sealed class SplitRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Split"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        int rowAxis = Ranges.RowAxis(site.OutputShape);
        long axis = site.Operator.GetInt("axis", 0);
        if (axis == rowAxis || axis + site.OutputShape.Rank == rowAxis)
        {
            return OperatorCut.Refused("it splits rows");
        }
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, rowAxis, from, to);
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(rowAxis, from, to));
    }
}
