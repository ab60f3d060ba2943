namespace Tandem.Processors.Tests.OpenCl;

public sealed class ElementwiseTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu")]
    [InlineData("Sigmoid")]
    [InlineData("HardSigmoid")]
    [InlineData("Tanh")]
    [InlineData("Elu")]
    [InlineData("Exp")]
    [InlineData("Neg")]
    [InlineData("Abs")]
    [InlineData("Floor")]
    [InlineData("Ceil")]
    [InlineData("Softplus")]
    [InlineData("Softsign")]
    public void Function_of_one_argument_equals_reference(string type) =>
        Check(new GraphSketch().Input("x", 1, 3, 7, 13).Op(type, "x", "y"));

    [Theory]
    [InlineData("Mul")]
    [InlineData("Div")]
    [InlineData("Add")]
    [InlineData("Sub")]
    public void Arithmetic_on_short_planes_equals_reference(string type) => Check(
        new GraphSketch().Input("x", 1, 130, 2).Weights("w", [1, 130, 1], 0.5f, 2).Scalar("c", 1.5f)
            .Op(type, "x w", "p").Op(type, "p c", "q").Op("Relu", "q", "y"));

    [Theory]
    [InlineData("Sqrt")]
    [InlineData("Log")]
    [InlineData("Reciprocal")]
    public void Function_of_positive_numbers_equals_reference(string type) => Check(
        new GraphSketch().Input("x", 1, 3, 7, 13).Scalar("c", 1.5f).Op("Add", "x c", "p").Op(type, "p", "y"));

    [Fact]
    public void Hard_swish_equals_reference() => Check(new GraphSketch(14).Input("x", 2, 5, 3).Op("HardSwish", "x", "y"));

    [Fact]
    public void Clip_by_inputs_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 50).Scalar("low", -0.3f).Scalar("high", 0.4f).Op("Clip", "x low high", "y"));

    [Fact]
    public void Clip_by_attributes_equals_reference() =>
        Check(new GraphSketch(10).Input("x", 2, 50).Op("Clip", "x", "y", ("min", -0.5f), ("max", 0.25f)));

    public static TheoryData<string, long[], long[]> Broadcasts
    {
        get
        {
            var data = new TheoryData<string, long[], long[]>();
            foreach (string type in new[] { "Add", "Sub", "Mul", "Div", "Max", "Min" })
            {
                data.Add(type, [1, 3, 5, 17], [1, 3, 5, 17]);
            }
            data.Add("Add", [2, 3, 4, 5], [3, 1, 1]);
            data.Add("Mul", [2, 3, 4, 5], [5]);
            data.Add("Sub", [1, 3, 1, 33], [2, 1, 4, 1]);
            data.Add("Add", [7], [3, 1]);
            data.Add("Mul", [2, 2, 2, 2, 2, 2], [2, 1, 2, 1, 2, 1]);
            data.Add("Sub", [1], [4, 6]);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Broadcasts))]
    public void Arithmetic_broadcasts_as_reference(string type, long[] left, long[] right) =>
        Check(new GraphSketch().Input("a", left).Input("b", right).Op(type, "a b", "y"));

    [Fact]
    public void Power_equals_reference() => Check(
        new GraphSketch().Input("x", 3, 40).Floats("e", 2).Op("Exp", "x", "p").Op("Pow", "p e", "y"));

    [Fact]
    public void Parametric_relu_equals_reference() => Check(
        new GraphSketch().Input("x", 2, 4, 5, 6).Weights("slope", [4, 1, 1]).Op("PRelu", "x slope", "y"));

    [Theory]
    [InlineData("Sum")]
    [InlineData("Max")]
    [InlineData("Min")]
    public void Many_arguments_equal_reference(string type) => Check(
        new GraphSketch().Input("a", 2, 3, 4).Input("b", 3, 1).Input("c", 4).Weights("d", [2, 1, 4])
            .Op(type, "a b c d", "y"));

    [Fact]
    public void Constants_alone_are_computed_once_and_right() => Check(
        new GraphSketch().Input("x", 2, 3, 4).Weights("a", [2, 3, 4]).Weights("b", [4])
            .Op("Mul", "a b", "ab").Op("Exp", "ab", "e").Op("Add", "x e", "y"));

    [Fact]
    public void Scale_of_channels_and_activation_are_one_kernel()
    {
        GraphSketch sketch = new GraphSketch().Input("x", 2, 4, 5, 6)
            .Weights("g", [4]).Weights("b", [4]).Weights("m", [4]).Weights("v", [4], 0.5f, 2)
            .Weights("s", [4, 1, 1]).Weights("t", [1, 4, 1, 1])
            .Op("BatchNormalization", "x g b m v", "n").Op("Mul", "n s", "p").Op("Add", "t p", "q").Op("Relu", "q", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(1, LaunchCount(slice));
    }

    [Fact]
    public void Subtraction_from_a_constant_equals_reference() => Check(
        new GraphSketch().Input("x", 1, 4, 5, 6).Weights("c", [4, 1, 1]).Op("Sub", "c x", "y"));

    [Fact]
    public void Image_scaler_equals_reference() => Check(
        new GraphSketch(8).Input("x", 1, 3, 5, 6)
            .Op("ImageScaler", "x", "y", ("scale", 0.5f), ("bias", new[] { 0.1f, -0.2f, 0.3f })));
}
