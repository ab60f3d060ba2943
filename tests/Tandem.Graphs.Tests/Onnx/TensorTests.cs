using Google.Protobuf;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Tests.Onnx;

public sealed class TensorTests
{
    [Fact]
    public void Elements_are_read_from_the_typed_lists()
    {
        Assert.Equal([1.5f, -2f], Read(ElementType.Float32, t => t.FloatData.AddRange([1.5f, -2f])).AsSpan<float>().ToArray());
        Assert.Equal([1.5, -2], Read(ElementType.Float64, t => t.DoubleData.AddRange([1.5, -2])).AsSpan<double>().ToArray());
        Assert.Equal([7, -8], Read(ElementType.Int64, t => t.Int64Data.AddRange([7, -8])).AsSpan<long>().ToArray());
        Assert.Equal([7, -8], Read(ElementType.Int32, t => t.Int32Data.AddRange([7, -8])).AsSpan<int>().ToArray());
        Assert.Equal([7, -8], Read(ElementType.Int8, t => t.Int32Data.AddRange([7, -8])).AsSpan<sbyte>().ToArray());
        Assert.Equal([7, 200], Read(ElementType.UInt8, t => t.Int32Data.AddRange([7, 200])).AsSpan<byte>().ToArray());
        Assert.Equal([true, false], Read(ElementType.Boolean, t => t.Int32Data.AddRange([1, 0])).AsSpan<bool>().ToArray());
        Assert.Equal(
            [(Half)1, (Half)(-2)], Read(ElementType.Float16, t => t.Int32Data.AddRange([0x3C00, 0xC000])).AsSpan<Half>().ToArray());
    }

    [Fact]
    public void Elements_are_read_from_raw_bytes() => Assert.Equal(
        [1.5f, -2f],
        Read(ElementType.Float32, t => t.RawData = ByteString.CopyFrom([0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0])).AsSpan<float>().ToArray());

    [Fact]
    public void Too_few_elements_are_refused() =>
        Assert.Throws<InvalidModelException>(() => Read(ElementType.Float32, t => t.FloatData.Add(1)));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Impossible_dimensions_are_refused(long dimension)
    {
        var proto = new TensorProto { Name = "t", DataType = 1 };
        proto.Dims.AddRange([dimension, 4]);

        var failure = Assert.Throws<InvalidModelException>(() => OnnxFile.ParseTensor(proto.ToByteArray()));
        Assert.Contains("impossible dimensions", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_are_written_and_read_without_a_copy()
    {
        Constant weights = SmallModels.Weights("w", 1000);
        TensorProto proto = ModelWriter.WriteTensor(weights, "w");

        Assert.True(proto.RawData.Memory.Equals(weights.Data));
        Assert.True(TensorReader.Read(proto, "w").Data.Equals(weights.Data));
    }

    [Fact]
    public void An_expected_output_is_read()
    {
        Constant expected = OnnxFile.LoadTensor(ModelFiles.Path("light/light_densenet121_output_0.pb"));

        Assert.Equal(new Shape(1, 1000, 1, 1), expected.Tensor.Shape);
        Assert.All(expected.AsSpan<float>().ToArray(), v => Assert.Equal(0.46095502f, v));
    }

    [Fact]
    public void What_is_no_tensor_is_refused() =>
        Assert.Throws<InvalidModelException>(() => OnnxFile.LoadTensor(ModelFiles.Path("mnist.onnx")));

    private static Constant Read(ElementType type, Action<TensorProto> fill)
    {
        var proto = new TensorProto { Name = "t", DataType = (int)type };
        proto.Dims.Add(2);
        fill(proto);
        Constant read = OnnxFile.ParseTensor(proto.ToByteArray());
        Assert.Equal(new Tensor("t", type, new Shape(2)), read.Tensor);
        return read;
    }
}
