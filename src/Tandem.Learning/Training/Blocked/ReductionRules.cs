using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>ReduceSum over batch and positions: of an image, and of a product of two.</summary>
internal sealed class ChannelSumRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["ReduceSum"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (!writer.CanBlock(op.Inputs[0]) || op.GetInt("keepdims", 1) != 0 || !op.HasInput(1)
            || !writer.Graph.Constants.TryGetValue(op.Inputs[1], out Constant? axes) || !axes.AsSpan<long>().SequenceEqual([0, 2, 3])
            || !writer.IsBlocked(op.Inputs[0]))
        {
            return false;
        }
        Tensor sum = writer.Graph.Producer(op.Inputs[0]) is { Type: "Mul" } product
            && product.Inputs.All(i => writer.IsBlocked(i) && writer.Graph.Tensors[i].Shape.Equals(writer.Graph.Tensors[op.Inputs[0]].Shape))
                ? ChannelPasses.Dot(writer, writer.Blocked(product.Inputs[0]), writer.Blocked(product.Inputs[1]))
                : Sum(writer, writer.Blocked(op.Inputs[0]));
        writer.Draft.Add(new Operator(op.Name, "Identity", [sum.Name], [op.Outputs[0]]));
        return true;
    }

    private static Tensor Sum(BlockedWriter writer, Tensor x) =>
        writer.Draft.Scale(ChannelPasses.Mean(writer, x), ChannelPasses.Count(x));
}

/// <summary>GlobalAveragePool, whose output is the same in either layout.</summary>
internal sealed class PoolingRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["GlobalAveragePool"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (!writer.IsBlocked(op.Inputs[0]))
        {
            return false;
        }
        Tensor pooled = writer.Add("GlobalAveragePool", [writer.Blocked(op.Inputs[0])]);
        writer.Draft.Add(new Operator(op.Name, "Identity", [pooled.Name], [op.Outputs[0]]));
        return true;
    }
}
