using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Resize by the nearest pixel or linearly, without a region of interest, and Upsample by the nearest.</summary>
internal sealed class ResizeGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Resize", "Upsample"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        (Shape small, Shape large) = (context.Input(0).Shape, context.Gradient.Shape);
        var sampling = Sampling.Of(context);
        if (sampling.RepeatsPixels && small.Rank == 4 && small[0] == large[0] && small[1] == large[1]
            && large[2] % small[2] == 0 && large[3] % small[3] == 0)
        {
            long[] repeats = [large[2] / small[2], large[3] / small[3]];
            Tensor mean = draft.Add(
                "AveragePool", [context.Gradient], ("kernel_shape", Expressions.Ints(repeats)), ("strides", Expressions.Ints(repeats)));
            context.Accumulate(0, draft.Scale(mean, repeats[0] * repeats[1]));
            return;
        }
        Tensor gradient = context.Gradient;
        for (int axis = 0; axis < small.Rank; axis++)
        {
            if (small[axis] != large[axis])
            {
                gradient = AxisMaps.Transposed(draft, gradient, axis, sampling.Matrix(axis, small[axis], large[axis]));
            }
        }
        context.Accumulate(0, gradient);
    }

    /// <summary>Where an output pixel is in the input, and how pixels there are mixed.</summary>
    private sealed record Sampling(string Mode, string Coordinates, string Rounding, IReadOnlyList<float>? Scales)
    {
        public bool RepeatsPixels => Mode == "nearest" && Coordinates == "asymmetric" && Rounding == "floor";

        public static Sampling Of(GradientContext context)
        {
            Operator op = context.Operator;
            bool isEarly = op.Type == "Upsample";
            string mode = op.GetText("mode", "nearest");
            string coordinates = isEarly ? "asymmetric" : op.GetText("coordinate_transformation_mode", "half_pixel");
            if (mode is not ("nearest" or "linear")
                || coordinates is not ("asymmetric" or "half_pixel" or "pytorch_half_pixel" or "align_corners")
                || op.GetInt("antialias", 0) != 0 || op.GetInts("axes") is not null)
            {
                throw context.Error("only 'nearest' and 'linear' without anti-aliasing, axes or a region of interest have a gradient here");
            }
            int place = isEarly ? 1 : 2;
            Constant? scales = op.HasInput(place) ? context.Draft.ValueOf(op.Inputs[place]) : null;
            return new Sampling(
                mode, coordinates, isEarly ? "floor" : op.GetText("nearest_mode", "round_prefer_floor"),
                scales is { Tensor.Shape.ElementCount: > 0 } ? scales.AsSpan<float>().ToArray() : null);
        }

        public double[,] Matrix(int axis, long inputs, long outputs)
        {
            double[,] matrix = new double[outputs, inputs];
            double scale = Scales?[axis] ?? ((double)outputs / inputs);
            for (long i = 0; i < outputs; i++)
            {
                double at = Place(i, scale, inputs, outputs);
                if (Mode == "nearest")
                {
                    matrix[i, Math.Clamp((long)Rounded(at), 0, inputs - 1)] = 1;
                    continue;
                }
                double inside = Math.Clamp(at, 0, inputs - 1);
                long below = (long)inside;
                matrix[i, below] += 1 - (inside - below);
                matrix[i, Math.Min(below + 1, inputs - 1)] += inside - below;
            }
            return matrix;
        }

        private double Place(long output, double scale, long inputs, long outputs) => Coordinates switch
        {
            "asymmetric" => output / scale,
            "align_corners" => outputs == 1 ? 0 : output * (inputs - 1.0) / (outputs - 1),
            "pytorch_half_pixel" when outputs == 1 => 0,
            _ => ((output + 0.5) / scale) - 0.5,
        };

        private double Rounded(double at) => Rounding switch
        {
            "floor" => Math.Floor(at),
            "ceil" => Math.Ceiling(at),
            "round_prefer_ceil" => Math.Floor(at + 0.5),
            _ => Math.Ceiling(at - 0.5),
        };
    }
}
