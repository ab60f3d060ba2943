namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceMatrixProduct : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Gemm", "MatMul"];

    public float[][] Run(ReferenceCall call)
    {
        Shape output = call.OutputShape();
        bool transposed = call.Operator.GetInt("transB", 0) != 0;
        long depth = call.InputShape()[1];
        float alpha = call.Operator.GetFloat("alpha", 1);
        float beta = call.Operator.GetFloat("beta", 1);
        (float[] a, float[] b) = (call.Input(), call.Input(1));
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            (long row, long column) = (place / output[1], place % output[1]);
            double sum = 0;
            for (long k = 0; k < depth; k++)
            {
                sum += (double)a[(row * depth) + k] * b[transposed ? (column * depth) + k : (k * output[1]) + column];
            }
            double bias = call.Has(2) ? call.Input(2)[Indexing.Place([row, column], call.InputShape(2))] : 0;
            result[place] = (float)((alpha * sum) + (beta * bias));
        }
        return [result];
    }
}
