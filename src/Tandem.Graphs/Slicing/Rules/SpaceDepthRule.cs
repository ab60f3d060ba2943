namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// DepthToSpace and SpaceToDepth: one row on the deep side goes with blocksize rows on the wide side.
/// </summary>
internal sealed class SpaceDepthRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["DepthToSpace", "SpaceToDepth"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        long block = site.Operator.GetInt("blocksize", 1);
        if (site.Operator.Type == "SpaceToDepth")
        {
            return OperatorCut.Of(
                site.Operator, [site.InputRange(0, 2, from * block, to * block)], site.OutputRange(2, from, to));
        }
        (long first, long last) = (from / block, Ranges.CeilDivide(to, block));
        return OperatorCut.Of(
            site.Operator, [site.InputRange(0, 2, first, last)], site.OutputRange(2, first * block, last * block));
    }
}
