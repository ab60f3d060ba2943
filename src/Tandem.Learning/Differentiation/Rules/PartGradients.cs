using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Concat: each input gets its part of the gradient.</summary>
internal sealed class ConcatGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Concat"];

    public void Differentiate(GradientContext context)
    {
        int axis = context.Axis("axis", 1, context.Gradient.Shape.Rank);
        long start = 0;
        for (int i = 0; i < context.Operator.Inputs.Count; i++)
        {
            long end = start + context.Input(i).Shape[axis];
            if (context.Needs(i))
            {
                context.Accumulate(i, context.Draft.Slice(context.Gradient, [start], [end], [axis], [1]));
            }
            start = end;
        }
    }
}

/// <summary>Split: the parts' gradients joined.</summary>
internal sealed class SplitGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Split"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        int axis = context.Axis("axis", 0, context.Input(0).Shape.Rank);
        Tensor[] parts = [.. context.Operator.Outputs.Select((_, i) => context.OutputGradient(i)
            ?? draft.Zeros(context.Output(i).Type, context.Output(i).Shape))];
        context.Accumulate(0, draft.Add("Concat", parts, ("axis", Expressions.Int(axis))));
    }
}

/// <summary>Slice: the gradient at the places that were taken, zeros elsewhere.</summary>
internal sealed class SliceGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Slice"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        Shape shape = context.Input(0).Shape;
        long[] starts = context.Integers(1)!;
        long[] axes = [.. (context.Integers(3) ?? [.. starts.Select((_, i) => (long)i)])
            .Select(axis => axis < 0 ? axis + shape.Rank : axis)];
        long[] steps = context.Integers(4) ?? [.. starts.Select(_ => 1L)];
        Tensor gradient = context.Gradient;
        long[] begins = new long[shape.Rank];
        long[] ends = new long[shape.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)axes[i];
            long first = First(starts[i], shape[axis], steps[i]);
            long count = gradient.Shape[axis];
            if (steps[i] < 0)
            {
                gradient = draft.Flip(gradient, axis);
                first += (count - 1) * steps[i];
            }
            long step = Math.Abs(steps[i]);
            gradient = step == 1 || count < 2 ? gradient : Spread(draft, gradient, axis, step);
            begins[axis] = first;
            ends[axis] = shape[axis] - first - gradient.Shape[axis];
        }
        context.Accumulate(0, draft.Pad(gradient, begins, ends));
    }

    private static long First(long start, long extent, long step)
    {
        long fromFront = start < 0 ? start + extent : start;
        return step > 0 ? Math.Clamp(fromFront, 0, extent) : Math.Clamp(fromFront, -1, extent - 1);
    }

    // Zeros between the elements along an axis: step - 1 behind each, but none behind the last.
    private static Tensor Spread(GraphDraft draft, Tensor x, int axis, long step)
    {
        Shape shape = x.Shape;
        Tensor column = draft.Reshape(x, new Shape([.. shape.Take(axis + 1), 1, .. shape.Skip(axis + 1)]));
        long[] behind = new long[shape.Rank + 1];
        behind[axis + 1] = step - 1;
        Tensor padded = draft.Pad(column, new long[shape.Rank + 1], behind);
        Tensor spread = draft.Reshape(padded, shape.With(axis, shape[axis] * step));
        return draft.Slice(spread, [0], [((shape[axis] - 1) * step) + 1], [axis], [1]);
    }
}

/// <summary>Pad: what was added is cut off again, or added to where it was taken from.</summary>
internal sealed class PadGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Pad"];

    public void Differentiate(GradientContext context)
    {
        if (context.Needs(2))
        {
            throw context.Error("the number it pads with must not be trained");
        }
        int rank = context.Input(0).Shape.Rank;
        long[] pads = context.Integers(1)!;
        long[] axes = context.Integers(3) ?? [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        long[] begins = new long[rank];
        long[] ends = new long[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            begins[axis] = -pads[i];
            ends[axis] = -pads[i + axes.Length];
        }
        string mode = context.Operator.GetText("mode", "constant");
        context.Accumulate(0, mode == "constant"
            ? context.Draft.Pad(context.Gradient, begins, ends)
            : Repeated(context, mode, begins));
    }

    // Pixels beyond an edge are others again, which get their gradients too.
    private static Tensor Repeated(GradientContext context, string mode, long[] begins)
    {
        Tensor gradient = context.Gradient;
        Shape shape = context.Input(0).Shape;
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            (long extent, long before) = (shape[axis], -begins[axis]);
            long[] places = [.. Enumerable.Range(0, (int)gradient.Shape[axis]).Select(i => Place(context, mode, i - before, extent))];
            if (places.Length != extent || before != 0)
            {
                gradient = AxisMaps.Transposed(context.Draft, gradient, axis, AxisMaps.OfPlaces(places, extent));
            }
        }
        return gradient;
    }

    private static long Place(GradientContext context, string mode, long at, long extent)
    {
        long period = Math.Max(1, 2 * (extent - 1));
        return mode switch
        {
            "edge" => Math.Clamp(at, 0, extent - 1),
            "wrap" => ((at % extent) + extent) % extent,
            "reflect" => extent - 1 - Math.Abs(extent - 1 - (((at % period) + period) % period)),
            _ => throw context.Error($"Tandem does not know the padding mode '{mode}'"),
        };
    }
}
