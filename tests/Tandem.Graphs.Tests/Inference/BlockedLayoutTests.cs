using Tandem.Graphs.Inference.Rules;

namespace Tandem.Graphs.Tests.Inference;

/// <summary>Shapes of operators on ONNX Runtime's blocked layout.</summary>
public sealed class BlockedLayoutTests
{
    private const string Blocked = BlockedLayoutRule.BlockedDomain;

    [Fact]
    public void A_convolution_between_reorders_has_the_shapes_of_the_plain_one()
    {
        var kernel = new Dictionary<string, AttributeValue>
        {
            ["kernel_shape"] = new AttributeValue.Ints([3, 3]),
            ["pads"] = new AttributeValue.Ints([1, 1, 1, 1]),
            ["strides"] = new AttributeValue.Ints([2, 2]),
        };
        Graph graph = Make(16,
        [
            new Operator("in", "ReorderInput", ["x"], ["blocked"], null, Blocked),
            new Operator("conv", "Conv", ["blocked", "w"], ["y"], kernel, Blocked),
            new Operator("pool", "GlobalAveragePool", ["y"], ["pooled"], null, Blocked),
            new Operator(
                "out", "ReorderOutput", ["y"], ["plain"],
                new Dictionary<string, AttributeValue> { ["channels"] = new AttributeValue.Int(30) }, Blocked),
        ]);
        Assert.Equal(new Shape(2, 16, 8, 8), graph.Tensors["blocked"].Shape);
        Assert.Equal(new Shape(2, 32, 4, 4), graph.Tensors["y"].Shape);
        Assert.Equal(new Shape(2, 32, 1, 1), graph.Tensors["pooled"].Shape);
        Assert.Equal(new Shape(2, 30, 4, 4), graph.Tensors["plain"].Shape);
    }

    [Fact]
    public void Channels_that_fill_no_whole_block_are_refused()
    {
        var refused = Assert.Throws<InvalidModelException>(
            () => Make(24, [new Operator("in", "ReorderInput", ["x"], ["blocked"], null, Blocked)]));
        Assert.Contains("no multiple of 16", refused.Message, StringComparison.Ordinal);
    }

    private static Graph Make(long channels, IReadOnlyList<Operator> operators) => new(
        "blocked", new Dictionary<string, int> { [""] = 13, [Blocked] = 1 },
        [new Tensor("x", ElementType.Float32, new Shape(2, channels, 8, 8)), new Tensor("w", ElementType.Float32, new Shape(32, 16, 3, 3))],
        [operators[^1].Outputs[0]], operators, []);
}
