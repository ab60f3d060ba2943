namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Cast between all element types; floats are cut towards zero, and limited to what the integer can hold.</summary>
internal sealed class CastEvaluator : IOperatorEvaluator
{
    public IReadOnlyList<string> Types { get; } = ["Cast"];

    public IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Constant input = context.Value(0)!;
        if (input.Tensor.Type == outputs[0].Type)
        {
            return [new Constant(outputs[0], input.Data)];
        }
        bool isInteger = input.Tensor.Type is ElementType.Int64 or ElementType.Int32 or ElementType.UInt8
            or ElementType.Int8 or ElementType.Boolean;
        // 64-bit integers do not fit into a double, so that integers go their own way.
        return [isInteger ? FromIntegers(Integers(input), outputs[0]) : FromFloats(Floats(input), outputs[0])];
    }

    private static long[] Integers(Constant input) => input.Tensor.Type switch
    {
        ElementType.Int64 => input.AsSpan<long>().ToArray(),
        ElementType.Int32 => Array.ConvertAll(input.AsSpan<int>().ToArray(), v => (long)v),
        ElementType.Int8 => Array.ConvertAll(input.AsSpan<sbyte>().ToArray(), v => (long)v),
        _ => Array.ConvertAll(input.Data.ToArray(), v => (long)v),
    };

    private static double[] Floats(Constant input) => input.Tensor.Type switch
    {
        ElementType.Float32 => Array.ConvertAll(input.AsSpan<float>().ToArray(), v => (double)v),
        ElementType.Float16 => Array.ConvertAll(input.AsSpan<Half>().ToArray(), v => (double)v),
        _ => input.AsSpan<double>().ToArray(),
    };

    private static Constant FromIntegers(long[] values, Tensor output) => output.Type switch
    {
        ElementType.Int64 => Of(output, values),
        ElementType.Int32 => Of(output, Array.ConvertAll(values, v => unchecked((int)v))),
        ElementType.Int8 => Of(output, Array.ConvertAll(values, v => unchecked((sbyte)v))),
        ElementType.UInt8 => Of(output, Array.ConvertAll(values, v => unchecked((byte)v))),
        ElementType.Boolean => Of(output, Array.ConvertAll(values, v => v != 0)),
        ElementType.Float16 => Of(output, Array.ConvertAll(values, v => (Half)v)),
        ElementType.Float32 => Of(output, Array.ConvertAll(values, v => (float)v)),
        _ => Of(output, Array.ConvertAll(values, v => (double)v)),
    };

    private static Constant FromFloats(double[] values, Tensor output) => output.Type switch
    {
        ElementType.Int64 => Of(output, Array.ConvertAll(values, v => (long)v)),
        ElementType.Int32 => Of(output, Array.ConvertAll(values, v => (int)v)),
        ElementType.Int8 => Of(output, Array.ConvertAll(values, v => (sbyte)v)),
        ElementType.UInt8 => Of(output, Array.ConvertAll(values, v => (byte)v)),
        ElementType.Boolean => Of(output, Array.ConvertAll(values, v => v != 0)),
        ElementType.Float16 => Of(output, Array.ConvertAll(values, v => (Half)v)),
        ElementType.Float32 => Of(output, Array.ConvertAll(values, v => (float)v)),
        _ => Of(output, values),
    };

    private static Constant Of<T>(Tensor output, T[] elements) where T : unmanaged =>
        Constant.Of<T>(output.Name, output.Type, output.Shape, elements);
}
