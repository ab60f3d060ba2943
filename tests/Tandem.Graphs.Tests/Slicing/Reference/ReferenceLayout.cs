namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>
/// Operators that move elements without changing them, each telling where an output element comes from.
/// </summary>
internal sealed class ReferenceLayout : IReferenceOperator
{
    public IReadOnlyList<string> Types =>
        ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Crop", "DepthToSpace", "SpaceToDepth"];

    public float[][] Run(ReferenceCall call)
    {
        (Shape input, Shape output) = (call.InputShape(), call.OutputShape());
        float[] result = call.NewOutput();
        for (long place = 0; place < result.Length; place++)
        {
            result[place] = call.Input()[Source(call, place, input, output)];
        }
        return [result];
    }

    private static long Source(ReferenceCall call, long place, Shape input, Shape output)
    {
        long[] at = Indexing.Coordinates(place, output);
        long block = call.Operator.GetInt("blocksize", 1);
        switch (call.Operator.Type)
        {
            case "Transpose":
                IReadOnlyList<long> order = call.Operator.GetInts("perm")!;
                long[] from = new long[at.Length];
                for (int i = 0; i < at.Length; i++)
                {
                    from[(int)order[i]] = at[i];
                }
                return Indexing.Place(from, input);
            case "Crop":
                IReadOnlyList<long> border = call.Operator.GetInts("border")!;
                return Indexing.Place([at[0], at[1], at[2] + border[1], at[3] + border[0]], input);
            case "DepthToSpace":
                long depth = ((((at[2] % block) * block) + (at[3] % block)) * output[1]) + at[1];
                return Indexing.Place([at[0], depth, at[2] / block, at[3] / block], input);
            case "SpaceToDepth":
                long offset = at[1] / input[1];
                return Indexing.Place(
                    [at[0], at[1] % input[1], (at[2] * block) + (offset / block), (at[3] * block) + (offset % block)],
                    input);
            default:
                return place;
        }
    }
}
