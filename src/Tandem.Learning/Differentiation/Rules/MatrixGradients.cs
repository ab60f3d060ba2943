using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Gemm: alpha * A * B + beta * C, the factors transposed on demand.</summary>
internal sealed class GemmGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Gemm"];

    public void Differentiate(GradientContext context)
    {
        bool isTransposedA = context.Operator.GetInt("transA", 0) != 0;
        bool isTransposedB = context.Operator.GetInt("transB", 0) != 0;
        float alpha = context.Operator.GetFloat("alpha", 1);
        (Tensor a, Tensor b, Tensor gradient) = (context.Input(0), context.Input(1), context.Gradient);
        if (context.Needs(0))
        {
            context.Accumulate(0, isTransposedA
                ? Product(context.Draft, b, isTransposedB, gradient, true, alpha)
                : Product(context.Draft, gradient, false, b, !isTransposedB, alpha));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, isTransposedB
                ? Product(context.Draft, gradient, true, a, isTransposedA, alpha)
                : Product(context.Draft, a, !isTransposedA, gradient, false, alpha));
        }
        if (context.Needs(2))
        {
            Tensor scaled = context.Draft.Scale(gradient, context.Operator.GetFloat("beta", 1));
            context.Accumulate(2, context.Draft.SumTo(scaled, context.Input(2).Shape));
        }
    }

    private static Tensor Product(GraphDraft draft, Tensor a, bool transposeA, Tensor b, bool transposeB, float alpha) =>
        draft.Add(
            "Gemm", [a, b], ("alpha", new AttributeValue.Float(alpha)), ("transA", Expressions.Int(transposeA ? 1 : 0)),
            ("transB", Expressions.Int(transposeB ? 1 : 0)));
}

/// <summary>MatMul with NumPy's meaning: batches are broadcast, a vector is a row on the left and a column on the right.</summary>
internal sealed class MatMulGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["MatMul"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        (Tensor a, Tensor b) = (context.Input(0), context.Input(1));
        Tensor left = a.Shape.Rank == 1 ? draft.Reshape(a, new Shape(1, a.Shape[0])) : a;
        Tensor right = b.Shape.Rank == 1 ? draft.Reshape(b, new Shape(b.Shape[0], 1)) : b;
        Tensor gradient = draft.Reshape(context.Gradient, ProductShape(context.Gradient.Shape, a.Shape.Rank == 1, b.Shape.Rank == 1));
        if (context.Needs(0))
        {
            Tensor product = draft.MatMul(gradient, draft.TransposeMatrix(right));
            context.Accumulate(0, draft.Reshape(draft.SumTo(product, left.Shape), a.Shape));
        }
        if (context.Needs(1))
        {
            Tensor product = draft.MatMul(draft.TransposeMatrix(left), gradient);
            context.Accumulate(1, draft.Reshape(draft.SumTo(product, right.Shape), b.Shape));
        }
    }

    private static Shape ProductShape(Shape shape, bool addRow, bool addColumn)
    {
        List<long> dimensions = [.. shape];
        if (addRow)
        {
            dimensions.Insert(addColumn ? dimensions.Count : dimensions.Count - 1, 1);
        }
        if (addColumn)
        {
            dimensions.Add(1);
        }
        return new Shape([.. dimensions]);
    }
}
