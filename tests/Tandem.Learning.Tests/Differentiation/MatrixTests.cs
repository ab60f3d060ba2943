using Tandem.Graphs;

namespace Tandem.Learning.Tests.Differentiation;

public class MatrixTests
{
    public static TheoryData<long[], long[]> Products => new()
    {
        { [3, 4], [4, 2] }, { [2, 3, 4], [4, 2] }, { [2, 3, 4], [2, 4, 2] }, { [2, 1, 3, 4], [3, 4, 2] }, { [1, 3, 4], [2, 4, 1] },
        { [4], [4, 2] }, { [3, 4], [4] }, { [4], [4] }, { [4], [2, 4, 3] }, { [2, 3, 4], [4] },
    };

    [Theory]
    [MemberData(nameof(Products))]
    public void MatMul(long[] a, long[] b) => Property.ForSeeds(2, check =>
        check.Run([new Shape(a), new Shape(b)], (draft, x) => draft.Add("MatMul", x)));

    [Fact]
    public void Gemm() => Property.ForSeeds(25, check =>
    {
        Random random = check.Random;
        (int m, int k, int n) = (random.Next(1, 4), random.Next(1, 4), random.Next(1, 4));
        (bool transposeA, bool transposeB) = (random.Next(2) == 1, random.Next(2) == 1);
        Shape[] biases = [new(n), new(m, n), new(m, 1), new(1, n), Shape.Scalar];
        check.Run(
            [transposeA ? new Shape(k, m) : new Shape(m, k), transposeB ? new Shape(n, k) : new Shape(k, n), biases[random.Next(biases.Length)]],
            (draft, x) => draft.Add(
                "Gemm", x, ("transA", new AttributeValue.Int(transposeA ? 1 : 0)), ("transB", new AttributeValue.Int(transposeB ? 1 : 0)),
                ("alpha", new AttributeValue.Float(0.7f)), ("beta", new AttributeValue.Float(1.3f))));
    });
}
