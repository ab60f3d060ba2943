using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Inference;

/// <summary>Graphs of a single operator, described in few words.</summary>
internal static class OneOperator
{
    /// <summary>The operator's graph.</summary>
    /// <param name="opset">Version of the standard operators.</param>
    /// <param name="type">The type; "domain:type" outside the standard.</param>
    /// <param name="inputs">
    /// Separated by spaces: "1x3x8x8" a float input of that shape, "scalar" one without dimensions, "[1,-1]" a constant list of
    /// integers, "{2}" a single one, "(0.5,2)" a list of floats, "?2x3" a Boolean input, "-" one that is left out.
    /// </param>
    /// <param name="attributes">Separated by spaces: "axis=1", "pads=1,1" (a list), "pads=1," (a list of one), "alpha=0.5", "mode=edge".</param>
    /// <param name="outputs">How many outputs there are.</param>
    public static Graph Of(int opset, string type, string inputs, string attributes = "", int outputs = 1)
    {
        string[] tokens = Split(inputs);
        List<Constant> constants = [];
        List<Tensor> fed = [];
        List<string> names = [];
        for (int i = 0; i < tokens.Length; i++)
        {
            string name = $"in{i}";
            switch (tokens[i][0])
            {
                case '-':
                    name = "";
                    break;
                case '[':
                    constants.Add(SmallModels.Integers(name, [.. Numbers(tokens[i][1..^1]).Select(long.Parse)]));
                    break;
                case '{':
                    constants.Add(Constant.Of<long>(name, ElementType.Int64, Shape.Scalar, [long.Parse(tokens[i][1..^1])]));
                    break;
                case '?':
                    fed.Add(new Tensor(name, ElementType.Boolean, ShapeOf(tokens[i][1..])));
                    break;
                case '(':
                    float[] floats = [.. Numbers(tokens[i][1..^1]).Select(float.Parse)];
                    constants.Add(Constant.Of<float>(name, ElementType.Float32, new Shape(floats.Length), floats));
                    break;
                default:
                    fed.Add(new Tensor(name, ElementType.Float32, ShapeOf(tokens[i])));
                    break;
            }
            names.Add(name);
        }
        string[] made = [.. Enumerable.Range(0, outputs).Select(i => $"out{i}")];
        string[] domainAndType = type.Contains(':') ? type.Split(':') : ["", type];
        var op = new Operator("op", domainAndType[1], names, made, Attributes(attributes), domainAndType[0]);
        return SmallModels.Of(opset, fed, made, [op], constants);
    }

    /// <summary>The outputs' shapes as text, separated by spaces.</summary>
    public static string Shapes(int opset, string type, string inputs, string attributes = "", int outputs = 1) =>
        string.Join(' ', Of(opset, type, inputs, attributes, outputs).Outputs.Select(o => o.Shape));

    private static Dictionary<string, AttributeValue> Attributes(string text) =>
        Split(text).Select(a => a.Split('=')).ToDictionary(a => a[0], a => Value(a[1]));

    private static AttributeValue Value(string text)
    {
        if (long.TryParse(text, out long integer))
        {
            return new AttributeValue.Int(integer);
        }
        if (text.Contains(','))
        {
            string[] numbers = Numbers(text);
            return numbers.Any(n => n.Contains('.'))
                ? new AttributeValue.Floats([.. numbers.Select(float.Parse)])
                : new AttributeValue.Ints([.. numbers.Select(long.Parse)]);
        }
        return float.TryParse(text, out float number) ? new AttributeValue.Float(number) : new AttributeValue.Text(text);
    }

    private static Shape ShapeOf(string text) =>
        text == "scalar" ? Shape.Scalar : new Shape([.. text.Split('x').Select(long.Parse)]);

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Numbers(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
