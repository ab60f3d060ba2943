namespace Tandem.Graphs.Inference.Rules;

/// <summary>Gemm, and ONNX Runtime's Gemm with an activation fused in.</summary>
internal sealed class GemmRule(string domain = "", string type = "Gemm") : IOperatorRule
{
    public string Domain => domain;

    public IReadOnlyList<string> Types { get; } = [type];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        Shape a = context.Shape(0);
        Shape b = context.Shape(1);
        if (a.Rank != 2 || b.Rank != 2)
        {
            throw context.Error($"inputs {context.Input(0)} and {context.Input(1)} must be matrices");
        }
        context.RequireSameType(0, 1);
        int transposedA = context.Operator.GetInt("transA", 0) != 0 ? 1 : 0;
        int transposedB = context.Operator.GetInt("transB", 0) != 0 ? 1 : 0;
        if (a[1 - transposedA] != b[transposedB])
        {
            throw context.Error($"inputs {context.Input(0)} and {context.Input(1)} do not fit each other");
        }
        long[] output = [a[transposedA], b[1 - transposedB]];
        if (context.HasInput(2)
            && !(Broadcasting.Combine(output, context.Shape(2).AsSpan()) is long[] sum && sum.SequenceEqual(output)))
        {
            throw context.Error($"input {context.Input(2)} cannot be broadcast to [{output[0]},{output[1]}]");
        }
        return [context.Output(context.Type(0), output)];
    }
}

/// <summary>MatMul with NumPy's meaning: batches are broadcast, a vector is a row on the left and a column on the right.</summary>
internal sealed class MatMulRule : IOperatorRule
{
    public IReadOnlyList<string> Types { get; } = ["MatMul"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        context.RequireSameType(0, 1);
        return [context.Output(context.Type(0), Product(context, [.. context.Shape(0, 1)], [.. context.Shape(1, 1)]))];
    }

    /// <summary>The shape of a product.</summary>
    /// <exception cref="InvalidModelException">The factors do not fit each other.</exception>
    public static long[] Product(OperatorContext context, long[] a, long[] b)
    {
        long[] rows = a.Length == 1 ? [] : [a[^2]];
        long[] columns = b.Length == 1 ? [] : [b[^1]];
        long[]? batch = Broadcasting.Combine(a.AsSpan(0, Math.Max(0, a.Length - 2)), b.AsSpan(0, Math.Max(0, b.Length - 2)));
        return batch is not null && a[^1] == (b.Length == 1 ? b[0] : b[^2])
            ? [.. batch, .. rows, .. columns]
            : throw context.Error($"inputs {context.Input(0)} and {context.Input(1)} do not fit each other");
    }
}

/// <summary>ONNX Runtime's MatMul that transposes its factors on the way.</summary>
internal sealed class FusedMatMulRule : IOperatorRule
{
    public string Domain => "com.microsoft";

    public IReadOnlyList<string> Types { get; } = ["FusedMatMul"];

    public IReadOnlyList<TensorType> Infer(OperatorContext context)
    {
        if (context.Operator.GetInt("transBatchA", 0) != 0 || context.Operator.GetInt("transBatchB", 0) != 0)
        {
            throw context.Error("batch transposition is not supported");
        }
        context.RequireSameType(0, 1);
        long[] a = Transposed(context.Shape(0, 1), context.Operator.GetInt("transA", 0) != 0);
        long[] b = Transposed(context.Shape(1, 1), context.Operator.GetInt("transB", 0) != 0);
        return [context.Output(context.Type(0), MatMulRule.Product(context, a, b))];
    }

    private static long[] Transposed(Shape shape, bool transpose)
    {
        long[] dimensions = [.. shape];
        if (transpose && dimensions.Length > 1)
        {
            (dimensions[^1], dimensions[^2]) = (dimensions[^2], dimensions[^1]);
        }
        return dimensions;
    }
}
