using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Gemm, and FusedGemm of ONNX Runtime: y = activation(alpha A B + beta C).</summary>
internal sealed class GemmLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Gemm", "FusedGemm"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        Activation own = op.Type == "FusedGemm" ? Activations.ReadFused(op, compiler) : Activation.None;
        float alpha = op.GetFloat("alpha", 1), beta = op.GetFloat("beta", 1);
        bool transA = op.GetInt("transA", 0) != 0, transB = op.GetInt("transB", 0) != 0;
        int columns = (int)compiler.ShapeOf(op.Outputs[0])[1];
        float[]? bias = op.HasInput(2) ? Bias(op, columns, beta, compiler) : null;
        bool hasDynamicC = op.HasInput(2) && bias is null && beta != 0;
        FusedTail tail = own.Kind != ActivationKind.None || hasDynamicC
            ? new FusedTail(op, op.Outputs[0], null, null, null, hasDynamicC ? Activation.None : own)
            : compiler.Tail.Take(op, 1, TailKinds.Scale);
        TensorNode a = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(tail.Output);
        TensorNode product = hasDynamicC ? compiler.Scratch([.. y.Shape]) : y;
        if (compiler.TryConstant(op.Inputs[1]) is { } constant && !transA)
        {
            var weights = PackedMatrix.Of(constant, transB, alpha, bias, tail);
            compiler.EmitAt(tail.Last, op, () => weights.Emit(compiler, a, product, (int)y.Shape[0], tail.Activation));
        }
        else
        {
            LowerStrided(op, compiler, new StridedProduct(a, compiler.Node(op.Inputs[1]), product, transA, transB, alpha), tail, bias);
        }
        if (hasDynamicC)
        {
            AddC(op, compiler, product, y, beta, own);
        }
    }

    private static void LowerStrided(
        Operator op, SliceCompiler compiler, StridedProduct product, FusedTail tail, float[]? bias)
    {
        compiler.EmitAt(tail.Last, op, () =>
        {
            if (bias is null && tail.Scale is null)
            {
                product.Emit(compiler, tail.Activation);
                return;
            }
            TensorNode raw = compiler.Scratch([.. product.Y.Shape]);
            (product with { Y = raw }).Emit(compiler, Activation.None);
            float[] shift = FoldedWeights.Bias(bias ?? new float[product.Y.Shape[1]], tail);
            float[] scale = tail.Scale ?? [.. Enumerable.Repeat(1f, shift.Length)];
            ChannelScaleLowering.Emit(compiler, raw, product.Y, new ChannelScale(scale, shift), tail.Activation);
        });
    }

    /// <summary>C as one number per column; null where it is anything else.</summary>
    private static float[]? Bias(Operator op, int columns, float beta, SliceCompiler compiler)
    {
        if (compiler.TryConstant(op.Inputs[2]) is not { } constant)
        {
            return null;
        }
        float[] values = compiler.ConstantFloats(op, 2);
        Shape shape = constant.Tensor.Shape;
        if (values.Length != 1 && (values.Length != columns || shape[^1] != columns))
        {
            return null;
        }
        return [.. Enumerable.Range(0, columns).Select(c => beta * values[values.Length == 1 ? 0 : c])];
    }

    private static void AddC(
        Operator op, SliceCompiler compiler, TensorNode product, TensorNode y, float beta, Activation activation)
    {
        TensorNode c = compiler.Node(op.Inputs[2]);
        if (beta != 1)
        {
            TensorNode factor = compiler.Scratch(1);
            factor.Storage = TensorStorage.Constant;
            factor.IsConstant = true;
            factor.Slot = compiler.Constants.Add([beta]);
            TensorNode scaled = compiler.Scratch([.. c.Shape]);
            BinaryLowering.Emit(compiler, c, factor, scaled, BinaryFunction.Multiply, Activation.None);
            c = scaled;
        }
        BinaryLowering.Emit(compiler, product, c, y, BinaryFunction.Add, activation);
    }
}
