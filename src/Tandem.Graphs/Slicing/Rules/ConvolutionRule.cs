namespace Tandem.Graphs.Slicing.Rules;

/// <summary>Conv. Rows: input rows with the window's halo.</summary>
internal sealed class ConvolutionRule : GroupedProductRule
{
    public override IReadOnlyList<string> Types { get; } = ["Conv"];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        new Window(site).TryCut(from, to, out WindowCut cut)
            ? cut.Apply(site)
            : OperatorCut.Refused("every output lies in padding");

    private protected override int OutputAxis => 0;
}
