using Tandem.Graphs.Networks;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>Small networks thrown by dice, of the kinds that the slicer must know.</summary>
internal static class RandomRegions
{
    /// <summary>One layer of a kind; null where the dice made one that does not fit.</summary>
    public static Graph? Single(Dice dice, string kind) => Make(dice, (net, x) => Layer(net, dice, x, kind));

    /// <summary>Two to five layers that can be cut by rows.</summary>
    public static Graph? RowChain(Dice dice) => Make(dice, (net, x) =>
    {
        Tensor? y = x;
        for (int left = dice.Between(2, 5); left > 0 && y is not null; left--)
        {
            string kind = dice.Pick(
                "conv", "conv", "grouped", "depthwise", "pool", "pointwise", "transposed", "spatial");
            y = Layer(net, dice, y, kind);
            y = y is null || y.Shape[2] > 40 || y.Shape[3] > 40 ? null : y;
        }
        return y;
    });

    /// <summary>A head that reads all channels (or none), and layers that can be cut by channels behind it.</summary>
    public static Graph? ChannelChain(Dice dice) => Make(dice, (net, x) =>
    {
        Tensor? y = Layer(net, dice, x, dice.Pick("conv", "depthwise", "grouped", "pool", "transposed"));
        for (int left = dice.Between(1, 4); left > 0 && y is not null; left--)
        {
            y = dice.OneIn(5)
                ? net.InstanceNorm(y)
                : Layer(net, dice, y, dice.Pick("depthwise", "grouped", "pool", "pointwise", "spatial"));
            y = y is null || y.Shape[2] > 40 || y.Shape[3] > 40 || y.Shape[1] > 40 ? null : y;
        }
        return y is not null && dice.OneIn(3) ? net.Flatten(dice.OneIn(2) ? net.GlobalAveragePool(y) : y) : y;
    });

    /// <summary>Branches with different halos over one input, joined by channels or added.</summary>
    public static Graph? Branches(Dice dice) => Make(dice, (net, x) =>
    {
        x = dice.OneIn(2) ? net.Relu(net.Conv(x, 4, 3, pad: 1)) : x;
        int reach = dice.Between(0, 3);
        Tensor one = net.Conv(x, 4, 1);
        Tensor wide = net.Relu(net.Conv(one, 4, (2 * reach) + 1, pad: reach));
        Tensor pooled = net.MaxPool(x, 3, 1, 1);
        Tensor sum = net.Add(one, wide);
        return dice.OneIn(2) ? net.Concat(sum, pooled, wide) : net.Conv(net.Concat(sum, x), 3, 3, 2, 1);
    });

    private static Tensor? Layer(GraphBuilder net, Dice dice, Tensor x, string kind) => kind switch
    {
        "conv" => RandomLayers.Conv(net, dice, x),
        "depthwise" => RandomLayers.Conv(net, dice, x, isDepthwise: true),
        "grouped" => RandomLayers.Conv(net, dice, x, isGrouped: true),
        "pool" => RandomLayers.Pool(net, dice, x),
        "transposed" => RandomLayers.ConvTranspose(net, dice, x),
        "spatial" => RandomLayers.Spatial(net, dice, x),
        _ => RandomLayers.Pointwise(net, dice, x),
    };

    private static Graph? Make(Dice dice, Func<GraphBuilder, Tensor, Tensor?> layers)
    {
        var net = new GraphBuilder("random");
        Tensor x = net.Input("x", 1, dice.Between(1, 8), dice.Between(1, 20), dice.Between(1, 9));
        return layers(net, x) is { } y && y.Name != x.Name ? net.Build(dice.Between(0, 1000), y) : null;
    }
}
