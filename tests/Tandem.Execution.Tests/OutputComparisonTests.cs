using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution.Tests;

public sealed class OutputComparisonTests
{
    [Theory]
    [InlineData(new[] { 1f, 2f }, new[] { 1f, 2f }, 0)]
    [InlineData(new[] { 1.5f, 2f }, new[] { 1f, 2f }, 0.5)]
    [InlineData(new[] { -1f }, new[] { 1f }, 2)]
    // Beside 1000 a difference counts as a part of 10, not of itself.
    [InlineData(new[] { 1000f, 5f }, new[] { 1000f, 0f }, 0.5)]
    [InlineData(new[] { float.NaN, 1f }, new[] { float.NaN, 1f }, 0)]
    [InlineData(new[] { float.NaN, 1f }, new[] { 0f, 1f }, double.PositiveInfinity)]
    [InlineData(new[] { 0f, 1f }, new[] { float.NaN, 1f }, double.PositiveInfinity)]
    [InlineData(new[] { float.PositiveInfinity }, new[] { float.PositiveInfinity }, 0)]
    [InlineData(new[] { float.PositiveInfinity, 1f }, new[] { float.NegativeInfinity, 1f }, double.PositiveInfinity)]
    [InlineData(new[] { 1f }, new[] { float.PositiveInfinity }, double.PositiveInfinity)]
    [InlineData(new[] { 1f }, new[] { 1f, 2f }, double.PositiveInfinity)]
    [InlineData(new float[0], new float[0], 0)]
    public void Error_is_relative_with_a_floor(float[] actual, float[] reference, double expected) =>
        Assert.Equal(expected, OutputComparison.MaxRelativeError(actual, reference), 1e-9);

    [Fact]
    public void Integers_must_be_equal_and_halves_are_widened()
    {
        Assert.Equal(0, OutputComparison.MaxRelativeError(ElementType.Int64, [1, 0], [1, 0]));
        Assert.Equal(double.PositiveInfinity, OutputComparison.MaxRelativeError(ElementType.Int64, [1, 0], [2, 0]));
        byte[] one = BitConverter.GetBytes((Half)1f);
        byte[] two = BitConverter.GetBytes((Half)2f);
        Assert.Equal(0.5, OutputComparison.MaxRelativeError(ElementType.Float16, one, two));
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Int64)]
    public void Seeded_inputs_repeat_and_lie_in_their_range(ElementType type)
    {
        var tensor = new Tensor("x", type, new Shape(1, 3, 5, 7));
        using var first = new SharedBuffer(tensor.SizeInBytes);
        using var second = new SharedBuffer(tensor.SizeInBytes);
        second.AsSpan<byte>().Fill(255);
        SeededInputs.Fill(TestDevice.Model, tensor, first, 3);
        SeededInputs.Fill(TestDevice.Model, tensor, second, 3);
        Assert.Equal(first.AsSpan<byte>().ToArray(), second.AsSpan<byte>().ToArray());
        switch (type)
        {
            case ElementType.Float32:
                Assert.All(first.AsSpan<float>().ToArray(), x => Assert.InRange(x, 0, 1));
                break;
            case ElementType.Float16:
                Assert.All(first.AsSpan<Half>().ToArray(), x => Assert.InRange((float)x, 0, 1));
                break;
            case ElementType.Int64:
                Assert.All(first.AsSpan<long>().ToArray(), x => Assert.Equal(0, x));
                break;
        }
        if (type != ElementType.Int64)
        {
            SeededInputs.Fill(TestDevice.Model, tensor, second, 4);
            Assert.NotEqual(first.AsSpan<byte>().ToArray(), second.AsSpan<byte>().ToArray());
        }
    }
}
