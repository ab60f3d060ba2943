using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

public class SecondOrderTests
{
    [Fact]
    public void Matrix_product_relu_and_product() => Property.ForSeeds(6, check => check.Run(
        [new Shape(2, 3), new Shape(3, 2), new Shape(2, 2)],
        (draft, x) => GradientOf(draft, x[1], draft.Mul(draft.Add("Relu", [draft.MatMul(x[0], x[1])]), Square(draft, x[2])))));

    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("Exp")]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void Smooth_functions(string type) => Property.ForSeeds(4, check => check.Run(
        [new Shape(2, 3)], (draft, x) => GradientOf(draft, x[0], Square(draft, draft.Add(type, x)))));

    [Fact]
    public void Gather_max_pool_and_slice() => Property.ForSeeds(4, check =>
    {
        check.Run([new Shape(3, 2)], (draft, x) => GradientOf(
            draft, x[0], Square(draft, draft.Add("Gather", [x[0], draft.Integers(2, 0, 2)]))));
        check.Run([new Shape(1, 2, 4, 4)], (draft, x) => GradientOf(draft, x[0], Square(draft, draft.Add(
            "MaxPool", x, ("kernel_shape", new AttributeValue.Ints([2, 2])), ("strides", new AttributeValue.Ints([2, 1]))))));
        check.Run([new Shape(7, 2)], (draft, x) => GradientOf(
            draft, x[0], Square(draft, draft.Slice(x[0], [6], [0], [0], [-3]))));
    });

    // The loss is at most quadratic in each number, so that differences over a long distance are exact up to rounding.
    [Fact]
    public void Convolution_and_its_transpose() => Property.ForSeeds(25, check =>
    {
        ReferenceConvolution window = ConvolutionTests.Draw(check.Random);
        Shape[] shapes = [ConvolutionTests.Large(window), ConvolutionTests.Weights(window)];
        AssertPolynomial(check, shapes, (draft, x) => GradientOf(
            draft, x[1], Square(draft, draft.Add("Conv", x, ConvolutionTests.Attributes(window)))));
        AssertPolynomial(check, shapes, (draft, x) => GradientOf(
            draft, x[0], Square(draft, draft.Add("Conv", x, ConvolutionTests.Attributes(window)))));
    });

    private static void AssertPolynomial(GradientCheck check, Shape[] shapes, Formula formula)
    {
        const double Distance = 0.25;
        double[][] inputs = [.. shapes.Select(s => Enumerable.Range(0, (int)s.ElementCount).Select(_ => check.Random.NextDouble() - 0.5).ToArray())];
        using var single = new Evaluation(ElementType.Float32, shapes, SumOf(formula), [1], withGradients: true);
        double[][] results = single.Run(inputs);
        for (int i = 0; i < shapes.Length; i++)
        {
            double[] differences = new double[inputs[i].Length];
            for (int j = 0; j < differences.Length; j++)
            {
                double original = inputs[i][j];
                inputs[i][j] = original + Distance;
                double above = single.Run(inputs)[0][0];
                inputs[i][j] = original - Distance;
                double below = single.Run(inputs)[0][0];
                inputs[i][j] = original;
                differences[j] = (above - below) / (2 * Distance);
            }
            GradientCheck.AssertClose(differences, results[i + 1], $"the second gradient of input {i}");
        }
    }

    // Weights that differ, so that no sum hides an exchange of elements.
    private static Formula SumOf(Formula formula) => (draft, x) =>
    {
        Tensor y = formula(draft, x);
        double[] weights = [.. Enumerable.Range(0, (int)y.Shape.ElementCount).Select(i => Math.Sin(i + 1))];
        return draft.SumAll(draft.Mul(y, draft.Numbers(weights, y.Type, y.Shape)));
    };

    private static Tensor Square(GraphDraft draft, Tensor x) => draft.Mul(x, x);

    private static Tensor GradientOf(GraphDraft draft, Tensor x, Tensor y) =>
        GradientBuilder.Add(draft, draft.SumAll(y), [x])[0];
}
