namespace Tandem.Graphs.Tests.Onnx;

/// <summary>Compares graphs with all that they hold.</summary>
internal static class GraphAssert
{
    public static void Equal(Graph expected, Graph actual)
    {
        Assert.Equal(expected.Opsets, actual.Opsets);
        Assert.Equal(expected.Inputs, actual.Inputs);
        Assert.Equal(expected.Outputs, actual.Outputs);
        Assert.Equal(expected.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal), actual.Tensors.OrderBy(t => t.Key, StringComparer.Ordinal));
        Assert.Equal(expected.Constants.Keys, actual.Constants.Keys);
        foreach ((string name, Constant constant) in expected.Constants)
        {
            Equal(constant, actual.Constants[name]);
        }
        Assert.Equal(expected.Operators.Count, actual.Operators.Count);
        foreach ((Operator first, Operator second) in expected.Operators.Zip(actual.Operators))
        {
            Equal(first, second);
        }
    }

    public static void Equal(Constant expected, Constant actual)
    {
        Assert.Equal(expected.Tensor, actual.Tensor);
        Assert.True(expected.Data.Span.SequenceEqual(actual.Data.Span), $"contents of {expected.Tensor}");
    }

    private static void Equal(Operator expected, Operator actual)
    {
        Assert.Equal(
            (expected.Name, expected.Type, expected.Domain), (actual.Name, actual.Type, actual.Domain));
        Assert.Equal(expected.Inputs, actual.Inputs);
        Assert.Equal(expected.Outputs, actual.Outputs);
        Assert.Equal(expected.Attributes.Keys.Order(), actual.Attributes.Keys.Order());
        foreach ((string name, AttributeValue value) in expected.Attributes)
        {
            Equal(value, actual.Attributes[name]);
        }
    }

    private static void Equal(AttributeValue expected, AttributeValue actual)
    {
        switch (expected, actual)
        {
            case (AttributeValue.Ints a, AttributeValue.Ints b):
                Assert.Equal(a.Values, b.Values);
                break;
            case (AttributeValue.Floats a, AttributeValue.Floats b):
                Assert.Equal(a.Values, b.Values);
                break;
            case (AttributeValue.Texts a, AttributeValue.Texts b):
                Assert.Equal(a.Values, b.Values);
                break;
            case (AttributeValue.TensorValue a, AttributeValue.TensorValue b):
                Assert.Equal((a.Value.Tensor.Type, a.Value.Tensor.Shape), (b.Value.Tensor.Type, b.Value.Tensor.Shape));
                Assert.True(a.Value.Data.Span.SequenceEqual(b.Value.Data.Span));
                break;
            default:
                Assert.Equal(expected, actual);
                break;
        }
    }
}
