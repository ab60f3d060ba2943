namespace Tandem.Graphs.Inference;

/// <summary>What an operator does that multiplies each channel by a number and adds another: y = scale[c] * x + shift[c].</summary>
/// <param name="Input">The tensor x: N, C, ...</param>
/// <param name="Scale">C numbers.</param>
/// <param name="Shift">C numbers.</param>
internal sealed record ChannelAffine(string Input, double[] Scale, double[] Shift)
{
    private const float DefaultEpsilon = 1e-5f;

    /// <summary>Reads an operator on single-precision planes; null where it does something else, or its numbers are not constants.</summary>
    public static ChannelAffine? TryRead(Operator op, Graph graph)
    {
        if (op.Domain.Length > 0 || op.Outputs.Count != 1 || graph.Tensors[op.Outputs[0]] is not { Type: ElementType.Float32, Shape.Rank: 4 })
        {
            return null;
        }
        return op.Type switch
        {
            "BatchNormalization" => Normalization(op, graph),
            "Mul" or "Add" or "Sub" or "Div" => Arithmetic(op, graph),
            _ => null,
        };
    }

    /// <summary>This and then another.</summary>
    public ChannelAffine Then(ChannelAffine next) => this with
    {
        Scale = [.. Scale.Zip(next.Scale, (first, second) => first * second)],
        Shift = [.. Shift.Zip(next.Scale, (first, second) => first * second).Zip(next.Shift, (moved, second) => moved + second)],
    };

    private static ChannelAffine? Normalization(Operator op, Graph graph)
    {
        if (op.GetInt("training_mode", 0) != 0 || op.GetInt("spatial", 1) == 0
            || op.Inputs.Skip(1).Any(name => !graph.Constants.ContainsKey(name)))
        {
            return null;
        }
        Constant[] numbers = [.. op.Inputs.Skip(1).Select(name => graph.Constants[name])];
        (double[] scale, double[] shift) = NormalizationAffine.Of(
            numbers[0].AsSpan<float>(), numbers[1].AsSpan<float>(), numbers[2].AsSpan<float>(), numbers[3].AsSpan<float>(),
            op.GetFloat("epsilon", DefaultEpsilon));
        return new ChannelAffine(op.Inputs[0], scale, shift);
    }

    private static ChannelAffine? Arithmetic(Operator op, Graph graph)
    {
        int place = graph.Constants.ContainsKey(op.Inputs[1]) ? 1 : 0;
        string input = op.Inputs[1 - place];
        if (!graph.Constants.TryGetValue(op.Inputs[place], out Constant? constant) || graph.Constants.ContainsKey(input)
            || (place == 0 && op.Type is "Sub" or "Div") || op.Attributes.Count > 0
            || !graph.Tensors[input].Shape.Equals(graph.Tensors[op.Outputs[0]].Shape)
            || PerChannel(constant, graph.Tensors[input].Shape) is not { } numbers)
        {
            return null;
        }
        double[] ones = [.. numbers.Select(_ => 1.0)];
        double[] zeros = new double[numbers.Length];
        return op.Type switch
        {
            "Mul" => new ChannelAffine(input, numbers, zeros),
            "Div" => new ChannelAffine(input, [.. numbers.Select(n => 1 / n)], zeros),
            "Add" => new ChannelAffine(input, ones, numbers),
            _ => new ChannelAffine(input, ones, [.. numbers.Select(n => -n)]),
        };
    }

    /// <summary>A constant as one number for each channel; null where broadcasting makes it anything else.</summary>
    private static double[]? PerChannel(Constant constant, Shape planes)
    {
        Shape own = constant.Tensor.Shape;
        if (own.ElementCount == 1)
        {
            double[] equal = new double[planes[1]];
            Array.Fill(equal, Numbers(constant)[0]);
            return equal;
        }
        int axis = own.Rank - (planes.Rank - 1);
        return axis >= 0 && own[axis] == planes[1] && own.ElementCount == planes[1] ? Numbers(constant) : null;
    }

    private static double[] Numbers(Constant constant) => Array.ConvertAll(constant.AsSpan<float>().ToArray(), number => (double)number);
}
