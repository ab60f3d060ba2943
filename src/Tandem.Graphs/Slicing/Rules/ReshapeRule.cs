namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Reshape, Flatten, Squeeze, Unsqueeze. Rows: where the last two axes stay as they are. Channels: where channels stay
/// or are flattened together with all that follows them.
/// </summary>
internal sealed class ReshapeRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"];

    public override OperatorCut Rows(OperatorSite site, long from, long to)
    {
        (Shape input, Shape output) = (site.InputShape(0), site.OutputShape);
        if (input.Rank < 3 || output.Rank < 3 || input[^1] != output[^1] || input[^2] != output[^2] || IsComputed(site))
        {
            return OperatorCut.Refused("it does not keep rows and columns as they are");
        }
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, input.Rank - 2, from, to);
        TensorRange produced = site.OutputRange(output.Rank - 2, from, to);
        return OperatorCut.Of(site.Operator, inputs, produced, NewShape(site, produced));
    }

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        (Shape input, Shape output) = (site.InputShape(0), site.OutputShape);
        if (input.Rank < 2 || output.Rank < 2 || input[0] != output[0] || IsComputed(site))
        {
            return ChannelCoupling.Refused("it does not keep channels together");
        }
        long flattened = input.Product(2, input.Rank);
        return input[1] == output[1] ? ChannelCoupling.OneToOne(site)
            : output[1] == input[1] * flattened ? ChannelCoupling.OneToOne(site, 1, flattened)
            : ChannelCoupling.Refused("it does not keep channels together");
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to)
    {
        (Shape input, Shape output) = (site.InputShape(0), site.OutputShape);
        long step = output[1] / input[1];
        TensorRange[] inputs = site.WholeInputs();
        inputs[0] = site.InputRange(0, 1, from / step, to / step);
        TensorRange produced = site.OutputRange(1, from, to);
        return OperatorCut.Of(site.Operator, inputs, produced, NewShape(site, produced));
    }

    private static bool IsComputed(OperatorSite site) => site.InputCount > 1 && site.IsVariable(1);

    private static Dictionary<int, Constant> NewShape(OperatorSite site, TensorRange produced)
    {
        if (site.Operator.Type != "Reshape")
        {
            return [];
        }
        Shape shape = produced.Of(site.OutputShape);
        return new() { [1] = Constant.Of("shape", ElementType.Int64, new Shape(shape.Rank), shape.AsSpan()) };
    }
}
