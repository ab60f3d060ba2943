namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Resize and Upsample of rows and columns: nearest and linear; asymmetric and half_pixel.</summary>
internal sealed class ReferenceResize : IReferenceOperator
{
    public IReadOnlyList<string> Types => ["Resize", "Upsample"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape output) = (call.InputShape(), call.OutputShape());
        bool isNearest = call.Operator.GetText("mode", "nearest") == "nearest";
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            long[] at = Indexing.Coordinates(place, output);
            double row = Original(call, at[2], input[2], output[2]);
            double column = Original(call, at[3], input[3], output[3]);
            result[place] = isNearest
                ? At(call, at, Nearest(call, row), Nearest(call, column))
                : Linear(call, at, row, column);
        }
        return [result];
    }

    private static double Original(ReferenceCall call, long index, long from, long to)
    {
        double scale = (double)to / from;
        bool isFixed = call.Operator.Type == "Upsample" || call.Opset < 11;
        return isFixed || call.Operator.GetText("coordinate_transformation_mode", "half_pixel") == "asymmetric"
            ? index / scale
            : ((index + 0.5) / scale) - 0.5;
    }

    private static long Nearest(ReferenceCall call, double x)
    {
        bool isFixed = call.Operator.Type == "Upsample" || call.Opset < 11;
        return (long)(isFixed ? Math.Floor(x) : call.Operator.GetText("nearest_mode", "round_prefer_floor") switch
        {
            "floor" => Math.Floor(x),
            "ceil" => Math.Ceiling(x),
            "round_prefer_ceil" => Math.Floor(x + 0.5),
            _ => Math.Ceiling(x - 0.5),
        });
    }

    private static float Linear(ReferenceCall call, long[] at, double row, double column)
    {
        (long top, long left) = ((long)Math.Floor(row), (long)Math.Floor(column));
        (double down, double right) = (row - top, column - left);
        return (float)(((1 - down) * (1 - right) * At(call, at, top, left))
            + ((1 - down) * right * At(call, at, top, left + 1))
            + (down * (1 - right) * At(call, at, top + 1, left)) + (down * right * At(call, at, top + 1, left + 1)));
    }

    private static float At(ReferenceCall call, long[] at, long row, long column)
    {
        Shape input = call.InputShape();
        return call.Input()[Indexing.Place(
            [at[0], at[1], Math.Clamp(row, 0, input[2] - 1), Math.Clamp(column, 0, input[3] - 1)], input)];
    }
}
