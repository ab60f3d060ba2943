namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Gemm and two-dimensional MatMul with constant weights: output column by output column.</summary>
internal sealed class MatrixProductRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Gemm", "MatMul"];

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        if (site.OutputShape.Rank != 2 || site.InputShape(1).Rank != 2)
        {
            return ChannelCoupling.Refused("only two-dimensional products are cut by channels");
        }
        return !site.IsVariable(0) || site.IsVariable(1) || site.IsVariable(2)
            ? ChannelCoupling.Refused("its second factor is not constant")
            : ChannelCoupling.ReadsAll(site);
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        bool transposed = site.Operator.Type == "Gemm" && site.Operator.GetInt("transB", 0) != 0;
        TensorRange[] inputs = site.WholeInputs();
        inputs[1] = site.InputRange(1, transposed ? 0 : 1, from, to);
        if (site.Operator.HasInput(2) && Broadcast.AxisIn(site.InputShape(2), site.OutputShape, 1) is int axis and >= 0)
        {
            inputs[2] = site.InputRange(2, axis, from, to);
        }
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(1, from, to));
    }

    public override bool IsProduct => true;

    public override OperatorCut PartialSum(OperatorSite site, long from, long to)
    {
        bool isGemm = site.Operator.Type == "Gemm";
        return Coupling(site).Refusal is { } refusal ? OperatorCut.Refused(refusal)
            : isGemm && site.Operator.GetInt("transA", 0) != 0 ? OperatorCut.Refused("its input is transposed")
            : PartialSum(site, isGemm && site.Operator.GetInt("transB", 0) != 0 ? 1 : 0, from, to);
    }
}
