namespace Tandem.Graphs.Slicing.Rules;

/// <summary>
/// Operators that make every output element from the elements at its place in their inputs, with multidirectional
/// broadcasting: an input that has the axis is cut along, one that repeats along it is read whole.
/// </summary>
internal sealed class ElementwiseRule : SlicingRule
{
    public override IReadOnlyList<string> Types { get; } =
    [
        "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Clip", "Sigmoid", "HardSigmoid",
        "HardSwish", "Tanh", "Softplus", "Softsign", "Gelu", "Mish", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Neg",
        "Abs", "Floor", "Ceil",
        "Affine", "Identity", "Dropout", "Cast", "Add", "Sub", "Mul", "Div", "Pow", "Sum", "Max", "Min", "Mean",
    ];

    public override OperatorCut Rows(OperatorSite site, long from, long to) =>
        Along(site, Ranges.RowAxis(site.OutputShape), from, to);

    public override ChannelCoupling Coupling(OperatorSite site)
    {
        long[] steps = new long[site.InputCount];
        for (int i = 0; i < steps.Length; i++)
        {
            if (site.IsVariable(i) && Broadcast.AxisIn(site.InputShape(i), site.OutputShape, 1) is int axis and >= 0)
            {
                if (axis != 1)
                {
                    return ChannelCoupling.Refused($"the channels of '{site.Operator.Inputs[i]}' are not on axis 1");
                }
                steps[i] = 1;
            }
        }
        return new ChannelCoupling(1, steps);
    }

    public override OperatorCut Channels(OperatorSite site, long from, long to) => Along(site, 1, from, to);

    private static OperatorCut Along(OperatorSite site, int outputAxis, long from, long to)
    {
        TensorRange[] inputs = site.WholeInputs();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (site.Operator.HasInput(i)
                && Broadcast.AxisIn(site.InputShape(i), site.OutputShape, outputAxis) is int axis and >= 0)
            {
                inputs[i] = site.InputRange(i, axis, from, to);
            }
        }
        return OperatorCut.Of(site.Operator, inputs, site.OutputRange(outputAxis, from, to));
    }
}
