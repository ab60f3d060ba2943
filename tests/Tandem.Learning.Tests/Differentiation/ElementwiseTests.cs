using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

public class ElementwiseTests
{
    [Theory]
    [InlineData("Add")]
    [InlineData("Sub")]
    [InlineData("Mul")]
    [InlineData("Div")]
    [InlineData("Pow")]
    [InlineData("Max")]
    [InlineData("Min")]
    [InlineData("Sum")]
    [InlineData("Mean")]
    public void Binary(string type) => Property.ForSeeds(12, check =>
    {
        (Shape a, Shape b) = Broadcast(check);
        Formula? inDouble = type == "Mean" ? (draft, x) => draft.Scale(draft.Add(x[0], x[1]), 0.5) : null;
        check.Run([a, b], (draft, x) => draft.Add(type, x), 0.5, 2, inDouble);
    });

    [Fact]
    public void Pow_of_negative_numbers() => Property.ForSeeds(5, check =>
        check.Run([check.Shape(3)], (draft, x) => draft.Add("Pow", [x[0], draft.Number(3, x[0].Type)])));

    [Fact]
    public void Where() => Property.ForSeeds(10, check =>
    {
        (Shape a, Shape b) = Broadcast(check);
        check.Run([a, b], (draft, x) => draft.Where(draft.Greater(x[0], 0.1), x[0], x[1]));
    });

    [Theory]
    [InlineData("Relu")]
    [InlineData("Sigmoid")]
    [InlineData("Tanh")]
    [InlineData("Exp")]
    [InlineData("Neg")]
    [InlineData("Abs")]
    [InlineData("Sin")]
    [InlineData("Cos")]
    [InlineData("Identity")]
    [InlineData("Floor")]
    [InlineData("Ceil")]
    [InlineData("Sign")]
    public void Unary(string type) => Property.ForSeeds(6, check =>
        check.Run([check.Shape(3)], (draft, x) => draft.Add(type, x), -2, 2));

    [Theory]
    [InlineData("Log")]
    [InlineData("Sqrt")]
    [InlineData("Reciprocal")]
    public void Unary_of_positive_numbers(string type) => Property.ForSeeds(6, check =>
        check.Run([check.Shape(3)], (draft, x) => draft.Add(type, x), 0.3, 3));

    [Fact]
    public void Clip() => Property.ForSeeds(8, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("Clip", [x[0], draft.Number(-0.55, x[0].Type), draft.Number(0.65, x[0].Type)])));

    [Fact]
    public void LeakyRelu() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("LeakyRelu", x, ("alpha", new AttributeValue.Float(0.2f))),
        inDouble: (draft, x) => draft.Where(draft.Greater(x[0], 0), x[0], draft.Scale(x[0], 0.2f))));

    [Fact]
    public void Elu() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("Elu", x, ("alpha", new AttributeValue.Float(0.7f))), -2, 2,
        (draft, x) => draft.Where(
            draft.Greater(x[0], 0), x[0], draft.Scale(draft.Shift(draft.Add("Exp", x), -1), 0.7f))));

    [Fact]
    public void PRelu() => Property.ForSeeds(6, check =>
    {
        Shape shape = check.Shape(3);
        check.Run(
            [shape, new Shape(shape[1], 1)], (draft, x) => draft.Add("PRelu", x),
            inDouble: (draft, x) => draft.Where(draft.Greater(x[0], 0), x[0], draft.Mul(x[0], x[1])));
    });

    [Fact]
    public void HardSigmoid() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)],
        (draft, x) => draft.Add("HardSigmoid", x, ("alpha", new AttributeValue.Float(0.3f)), ("beta", new AttributeValue.Float(0.4f))),
        -3, 3, (draft, x) => Limit(draft, draft.Shift(draft.Scale(x[0], 0.3f), 0.4f))));

    [Fact]
    public void HardSwish() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("HardSwish", x), -5, 5,
        (draft, x) => draft.Mul(x[0], Limit(draft, draft.Shift(draft.Scale(x[0], 1.0 / 6), 0.5)))));

    [Fact]
    public void Softplus() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("Softplus", x), -2, 2,
        (draft, x) => draft.Add("Log", [draft.Shift(draft.Add("Exp", x), 1)])));

    [Fact]
    public void Erf_by_its_power_series() => Property.ForSeeds(6, check => check.Run(
        [check.Shape(3)], (draft, x) => draft.Add("Erf", x), x => [.. x[0].Select(Erf)], -2, 2));

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void Gelu(string approximation) => Property.ForSeeds(
        5,
        check => check.Run(
            [check.Shape(3)], (draft, x) => draft.Add("Gelu", x, ("approximate", new AttributeValue.Text(approximation))),
            x => [.. x[0].Select(v => 0.5 * v * (1 + (approximation == "none"
                ? Erf(v / Math.Sqrt(2))
                : Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v))))))], -2, 2),
        opset: 20);

    [Fact]
    public void Mish() => Property.ForSeeds(
        5,
        check => check.Run(
            [check.Shape(3)], (draft, x) => draft.Add("Mish", x), x => [.. x[0].Select(v => v * Math.Tanh(Math.Log(1 + Math.Exp(v))))], -2, 2),
        opset: 18);

    [Fact]
    public void Softsign_and_selu() => Property.ForSeeds(5, check =>
    {
        Shape shape = check.Shape(3);
        check.Run([shape], (draft, x) => draft.Add("Softsign", x), x => [.. x[0].Select(v => v / (1 + Math.Abs(v)))], -2, 2);
        const double Alpha = 1.67326319;
        const double Gamma = 1.05070102;
        check.Run(
            [shape], (draft, x) => draft.Add("Selu", x), x => [.. x[0].Select(v => Gamma * (v > 0 ? v : Alpha * (Math.Exp(v) - 1)))], -2, 2);
    });

    [Fact]
    public void Cast_between_precisions() => Property.ForSeeds(4, check => check.Run(
        [check.Shape(3)],
        (draft, x) => draft.Add("Cast", [draft.Mul(
            draft.Add("Cast", x, ("to", new AttributeValue.Int((long)ElementType.Float64))),
            draft.Number(2, ElementType.Float64))], ("to", new AttributeValue.Int((long)x[0].Type)))));

    [Theory]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void Softmax(string type) => Property.ForSeeds(8, check =>
    {
        int axis = check.Random.Next(-3, 3);
        check.Run([check.Shape(3)], (draft, x) => draft.Add(type, x, ("axis", new AttributeValue.Int(axis))));
    });

    private static Tensor Limit(GraphDraft draft, Tensor x) =>
        draft.Add("Clip", [x, draft.Number(0, x.Type), draft.Number(1, x.Type)]);

    // The power series, exact enough for small arguments.
    private static double Erf(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 60; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static (Shape A, Shape B) Broadcast(GradientCheck check)
    {
        Shape full = check.Shape(3);
        Shape Part() => new([.. full.Select(d => check.Random.Next(3) == 0 ? 1 : d).Skip(check.Random.Next(3))]);
        return check.Random.Next(2) == 0 ? (full, Part()) : (Part(), Part());
    }
}
