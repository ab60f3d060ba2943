using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>AveragePool, as in heads of early exits.</summary>
internal sealed class AveragePoolRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["AveragePool"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (!writer.IsBlocked(op.Inputs[0]) || op.GetInt("ceil_mode", 0) != 0 || op.GetInts("dilations")?.Any(d => d != 1) == true)
        {
            return false;
        }
        writer.Set(op.Outputs[0], writer.Add(
            "AveragePool", [writer.Blocked(op.Inputs[0])], [.. op.Attributes.Select(a => (a.Key, a.Value))]));
        return true;
    }
}

/// <summary>Resize that repeats each pixel a whole number of times: AveragePool's gradient without overlaps.</summary>
internal sealed class RepetitionRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Resize"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        Shape small = writer.Graph.Tensors[op.Inputs[0]].Shape;
        Shape large = writer.Graph.Tensors[op.Outputs[0]].Shape;
        if (!writer.IsBlocked(op.Inputs[0]) || !writer.CanBlock(op.Outputs[0]) || op.GetText("mode", "nearest") != "nearest"
            || op.GetText("coordinate_transformation_mode", "half_pixel") != "asymmetric"
            || op.GetText("nearest_mode", "round_prefer_floor") != "floor"
            || large[0] != small[0] || large[1] != small[1] || large[2] % small[2] != 0 || large[3] % small[3] != 0)
        {
            return false;
        }
        const long Block = BlockedLayout.Block;
        long rows = small[0] * small[1] / Block * small[2];
        GraphDraft draft = writer.Draft;
        Tensor pixels = draft.Reshape(writer.Blocked(op.Inputs[0]), new Shape(rows, 1, small[3], 1, Block));
        Tensor repeated = draft.Expand(pixels, new Shape(rows, large[2] / small[2], small[3], large[3] / small[3], Block));
        writer.Set(op.Outputs[0], draft.Reshape(repeated, large));
        return true;
    }
}

/// <summary>Expand of one pixel to an image: GlobalAveragePool's gradient.</summary>
internal sealed class SpreadRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Expand"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        Shape small = writer.Graph.Tensors[op.Inputs[0]].Shape;
        Shape large = writer.Graph.Tensors[op.Outputs[0]].Shape;
        if (!writer.CanBlock(op.Inputs[0]) || !writer.CanBlock(op.Outputs[0]) || small[2] != 1 || small[3] != 1
            || small[0] != large[0] || small[1] != large[1])
        {
            return false;
        }
        const long Block = BlockedLayout.Block;
        GraphDraft draft = writer.Draft;
        long blocks = small[0] * small[1] / Block;
        // One pixel is in the same order in either layout.
        Tensor pixel = writer.IsBlocked(op.Inputs[0]) ? writer.Blocked(op.Inputs[0]) : writer.Plain(op.Inputs[0]);
        Tensor spread = draft.Expand(draft.Reshape(pixel, new Shape(blocks, 1, Block)), new Shape(blocks, large[2] * large[3], Block));
        writer.Set(op.Outputs[0], draft.Reshape(spread, large));
        return true;
    }
}
