using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// Every convolution shape of the real networks, with few channels and no more than 100 columns (the plain reference is
/// slow, and no cut touches columns); all else is as it is there.
/// </summary>
public sealed class ModelConvolutionTests
{
    private const int FewChannels = 2;
    private const int FewColumns = 100;

    public static TheoryData<string> Models => ModelFiles.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void Slices_of_every_convolution_equal_the_whole(string model)
    {
        Graph network = ModelFiles.Load(model);
        HashSet<string> seen = [];
        foreach (Operator op in network.Operators.Where(o => o.Type == "Conv"))
        {
            Graph alone = Alone(network, op);
            if (!seen.Add(Describe(alone)))
            {
                continue;
            }
            var check = new PartitionCheck(PartitionCheck.Unfused(alone));
            check.Run([0], SliceAxis.Channels, PartitionCheck.Shares(0.5));
            if (alone.Outputs[0].Shape[2] > 1)
            {
                check.Run([0], SliceAxis.Rows, PartitionCheck.Shares(0.55));
            }
        }
        Assert.NotEmpty(seen);
    }

    private static Graph Alone(Graph network, Operator op)
    {
        Shape input = network.Tensors[op.Inputs[0]].Shape;
        Shape filters = network.Tensors[op.Inputs[1]].Shape;
        long groups = op.GetInt("group", 1) > 1 ? FewChannels : 1;
        long perGroup = Math.Min(FewChannels, filters[1]);
        var net = new GraphBuilder("alone");
        Tensor x = net.Input("x", 1, groups * perGroup, input[2], Math.Min(input[3], FewColumns));
        Tensor w = net.Weight("w", 2 * groups, perGroup, filters[2], filters[3]);
        Shape output = network.Tensors[op.Outputs[0]].Shape.With(1, 2 * groups);
        Tensor y = net.Add(
            "Conv", output, [x, w, net.Weight("b", 2 * groups)],
            [.. op.Attributes.Where(a => a.Key != "group").Select(a => (a.Key, a.Value)),
            ("group", new AttributeValue.Int(groups))]);
        return net.Build(1, y);
    }

    private static string Describe(Graph alone) => string.Join(
        ' ',
        [alone.Inputs[0].Shape.ToString(), alone.Tensors["w"].Shape.ToString(),
            .. alone.Operators[0].Attributes.Select(a => $"{a.Key}={Text(a.Value)}").Order(StringComparer.Ordinal)]);

    private static string Text(AttributeValue value) =>
        value is AttributeValue.Ints ints ? string.Join(',', ints.Values) : value.ToString();
}
