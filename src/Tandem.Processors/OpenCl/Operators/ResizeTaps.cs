using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>For each output element of an axis, the input elements that it is made of and how much of each.</summary>
/// <param name="Count">Input elements for each output element.</param>
/// <param name="Indices">The input elements.</param>
/// <param name="Weights">How much of each.</param>
internal sealed record ResizeTaps(int Count, int[] Indices, float[] Weights)
{
    /// <summary>The taps of an axis, as ONNX defines Resize (and Upsample, which is Resize with asymmetric coordinates).</summary>
    /// <exception cref="SliceRefusedException">The mode or the coordinates are not supported.</exception>
    internal static ResizeTaps Of(Operator op, SliceCompiler compiler, int from, int to, float? givenScale)
    {
        bool old = op.Type == "Upsample" || compiler.Graph.Opset < 11;
        string mode = op.GetText("mode", "nearest");
        string coordinates = old ? "asymmetric" : op.GetText("coordinate_transformation_mode", "half_pixel");
        string rounding = old ? "floor" : op.GetText("nearest_mode", "round_prefer_floor");
        if (mode is not ("nearest" or "linear" or "bilinear") || op.GetInt("antialias", 0) != 0 && to < from)
        {
            throw compiler.Refuse(op, $"mode '{mode}' is not supported, only nearest and linear without antialiasing");
        }
        float scale = givenScale ?? (float)to / from;
        int taps = mode == "nearest" || from == to && scale == 1 ? 1 : 2;
        var indices = new int[to * taps];
        var weights = new float[to * taps];
        for (int i = 0; i < to; i++)
        {
            float position = from == to && scale == 1 ? i : Position(op, compiler, coordinates, i, scale, from, to);
            if (taps == 1)
            {
                indices[i] = Math.Clamp(Round(position, rounding), 0, from - 1);
                weights[i] = 1;
            }
            else
            {
                position = Math.Clamp(position, 0, from - 1);
                int low = Math.Min((int)position, from - 1);
                indices[2 * i] = low;
                indices[2 * i + 1] = Math.Min(low + 1, from - 1);
                weights[2 * i + 1] = position - low;
                weights[2 * i] = 1 - weights[2 * i + 1];
            }
        }
        return new ResizeTaps(taps, indices, weights);
    }

    private static float Position(
        Operator op, SliceCompiler compiler, string coordinates, int i, float scale, int from, int to) => coordinates switch
        {
            "asymmetric" => i / scale,
            "half_pixel" => (i + 0.5f) / scale - 0.5f,
            "pytorch_half_pixel" => to > 1 ? (i + 0.5f) / scale - 0.5f : 0,
            "align_corners" => to > 1 ? i * (float)(from - 1) / (to - 1) : 0,
            "tf_half_pixel_for_nn" => (i + 0.5f) / scale,
            _ => throw compiler.Refuse(op, $"coordinates '{coordinates}' are not supported"),
        };

    private static int Round(float position, string rounding) => rounding switch
    {
        "floor" => (int)MathF.Floor(position),
        "ceil" => (int)MathF.Ceiling(position),
        "round_prefer_ceil" => (int)MathF.Floor(position + 0.5f),
        _ => (int)MathF.Ceiling(position - 0.5f),
    };
}
