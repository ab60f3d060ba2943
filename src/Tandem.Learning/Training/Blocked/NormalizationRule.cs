using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training.Blocked;

/// <summary>
/// BatchNormalization, in training (with the batch's statistics as outputs) or at inference: one pass, together with the addition and the
/// Relu that follow it.
/// </summary>
internal sealed class NormalizationRule : IBlockedRule
{
    private const float DefaultEpsilon = 1e-5f;

    public IReadOnlyList<string> Types { get; } = ["BatchNormalization"];

    public bool TryWrite(Operator op, BlockedWriter writer)
    {
        bool trains = op.GetInt("training_mode", 0) != 0;
        if (!writer.CanBlock(op.Inputs[0]) || (trains && (op.GetFloat("momentum", 1) != 0 || op.Outputs.Count != 3)))
        {
            return false;
        }
        GraphDraft draft = writer.Draft;
        Tensor x = writer.Blocked(op.Inputs[0]);
        (Tensor mean, Tensor variance) = trains
            ? Statistics(op, writer, x)
            : (writer.Plain(op.Inputs[3]), writer.Plain(op.Inputs[4]));
        Tensor deviation = draft.Add("Sqrt", [draft.Shift(variance, op.GetFloat("epsilon", DefaultEpsilon))]);
        Tensor factors = draft.Div(writer.Plain(op.Inputs[1]), deviation);
        Tensor offsets = draft.Sub(writer.Plain(op.Inputs[2]), draft.Mul(mean, factors));
        WriteWithReaders(op.Outputs[0], writer, x, factors, offsets);
        return true;
    }

    private static (Tensor Mean, Tensor Variance) Statistics(Operator op, BlockedWriter writer, Tensor x)
    {
        GraphDraft draft = writer.Draft;
        Tensor mean = ChannelPasses.Mean(writer, x);
        Tensor square = draft.Scale(ChannelPasses.Dot(writer, x, x), 1 / ChannelPasses.Count(x));
        // A difference of nearly equal numbers may come out slightly negative.
        Tensor variance = draft.Add("Relu", [draft.Sub(square, draft.Mul(mean, mean))]);
        draft.Add(new Operator(op.Outputs[1], "Identity", [mean.Name], [op.Outputs[1]]));
        draft.Add(new Operator(op.Outputs[2], "Identity", [variance.Name], [op.Outputs[2]]));
        return (mean, variance);
    }

    private static void WriteWithReaders(string output, BlockedWriter writer, Tensor x, Tensor factors, Tensor offsets)
    {
        Tensor? sum = writer.TakeSum(ref output);
        bool relu = writer.OnlyReader(output) is { Type: "Relu" };
        if (relu)
        {
            Operator reader = writer.OnlyReader(output)!;
            writer.Skip(reader);
            output = reader.Outputs[0];
        }
        writer.Set(output, ChannelPasses.Affine(writer, x, factors, offsets, sum, relu));
    }
}
