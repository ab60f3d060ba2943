using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>Conv in one group: of blocked images, of images with few channels, and the convolution that makes gradients of weights.</summary>
internal sealed class ConvolutionRule : IBlockedRule
{
    public IReadOnlyList<string> Types { get; } = ["Conv"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        if (WeightGradient.TryWrite(op, writer))
        {
            return true;
        }
        Shape x = writer.Graph.Tensors[op.Inputs[0]].Shape;
        bool isImage = x.Rank == 4 && x[1] < BlockedLayout.Block;
        if (op.GetInt("group", 1) != 1 || op.GetText("auto_pad", "NOTSET") is not ("" or "NOTSET") || !writer.CanBlock(op.Outputs[0])
            || !(isImage || writer.CanBlock(op.Inputs[0])))
        {
            return false;
        }
        Tensor weights = BlockedWeights(writer, writer.Plain(op.Inputs[1]), isImage);
        List<Tensor?> inputs = [isImage ? writer.Plain(op.Inputs[0]) : writer.Blocked(op.Inputs[0]), weights];
        if (op.HasInput(2))
        {
            inputs.Add(writer.Plain(op.Inputs[2]));
        }
        string output = op.Outputs[0];
        if (writer.TakeSum(ref output) is Tensor sum)
        {
            inputs.AddRange(inputs.Count == 2 ? [null, sum] : [sum]);
        }
        writer.Set(output, writer.Add("Conv", inputs, [.. op.Attributes.Select(a => (a.Key, a.Value))]));
        return true;
    }

    /// <summary>Weights in the order that blocked convolutions read: [O/16][I/16][rows][columns][16 of I][16 of O].</summary>
    /// <param name="writer">Where it is written.</param>
    /// <param name="weights">O, I, rows, columns.</param>
    /// <param name="isImage">Whether input channels are not blocked.</param>
    public static Tensor BlockedWeights(BlockedWriter writer, Tensor weights, bool isImage)
    {
        const long Block = BlockedLayout.Block;
        Shape shape = weights.Shape;
        (long outputs, long inputs, long rows, long columns) = (shape[0] / Block, shape[1], shape[2], shape[3]);
        Tensor ordered = isImage
            ? writer.Draft.Transpose(writer.Draft.Reshape(weights, new Shape(outputs, Block, inputs, rows, columns)), 0, 2, 3, 4, 1)
            : writer.Draft.Transpose(
                writer.Draft.Reshape(weights, new Shape(outputs, Block, inputs / Block, Block, rows, columns)), 0, 2, 4, 5, 3, 1);
        return writer.Draft.Reshape(ordered, shape);
    }
}
