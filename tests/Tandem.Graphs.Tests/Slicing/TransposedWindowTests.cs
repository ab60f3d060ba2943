using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

public sealed class TransposedWindowTests
{
    // 3 rows, stride 2, kernel 3 make 7 rows, of which one is too many. Where ONNX Runtime 1.30 cuts it was found by
    // running it.
    [Theory]
    [InlineData("NOTSET", 1, 0)]
    [InlineData("SAME_LOWER", 1, 0)]
    [InlineData("SAME_UPPER", 0, 1)]
    public void The_odd_element_is_cut_where_ONNX_says(string mode, long begin, long end)
    {
        var net = new GraphBuilder("test");
        Tensor x = net.Input("x", 1, 1, 3, 3);
        Tensor y = net.Add(
            "ConvTranspose", new Shape(1, 1, 6, 6), [x, net.Weight("w", 1, 1, 3, 3)],
            ("auto_pad", new AttributeValue.Text(mode)),
            ("strides", new AttributeValue.Ints([2, 2])), ("output_shape", new AttributeValue.Ints([6, 6])));
        Graph graph = net.Build(1, y);
        TransposedWindow window = TransposedWindow.Of(graph.Operators[0], graph);
        Assert.Equal([begin, begin], window.PadsBegin);
        Assert.Equal([end, end], window.PadsEnd);
    }
}
