namespace Tandem.Graphs.Tests.Slicing.Reference;

internal sealed class ReferenceUnary : IReferenceOperator
{
    public IReadOnlyList<string> Types =>
        ["Relu", "LeakyRelu", "Clip", "Sigmoid", "Tanh", "Identity", "Dropout", "Affine", "Neg", "Abs"];

    public float[][] Run(ReferenceCall call) => [Array.ConvertAll(call.Input(), Function(call).Invoke)];

    private static Func<float, float> Function(ReferenceCall call)
    {
        Operator op = call.Operator;
        switch (op.Type)
        {
            case "Relu":
                return x => Math.Max(x, 0);
            case "LeakyRelu":
                float slope = op.GetFloat("alpha", 0.01f);
                return x => x >= 0 ? x : slope * x;
            case "Clip":
                float low = call.Opset >= 11 ? call.Input(1)[0] : op.GetFloat("min", float.MinValue);
                float high = call.Opset >= 11 ? call.Input(2)[0] : op.GetFloat("max", float.MaxValue);
                return x => Math.Clamp(x, low, high);
            case "Sigmoid":
                return x => 1 / (1 + MathF.Exp(-x));
            case "Tanh":
                return MathF.Tanh;
            case "Affine":
                (float scale, float shift) = (op.GetFloat("alpha", 1), op.GetFloat("beta", 0));
                return x => (scale * x) + shift;
            case "Neg":
                return x => -x;
            case "Abs":
                return Math.Abs;
            default:
                return x => x;
        }
    }
}
