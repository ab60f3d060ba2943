using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>
/// BatchNormalization (Ioffe and Szegedy, 2015). In training the statistics are the batch's own and depend on the input; at
/// inference they are constants.
/// </summary>
/// <remarks>
/// With d the mean of the gradient and c that of gradient times normalised input, the training gradient of the input is
/// scale / deviation * (gradient - d - normalised * c), which is a * gradient + b * input + an offset, one of each per channel.
/// </remarks>
internal sealed class BatchNormalizationGradient : IGradientRule
{
    private const float DefaultEpsilon = 1e-5f;
    private const float DefaultMomentum = 0.9f;

    public IReadOnlyList<string> Types { get; } = ["BatchNormalization"];

    public void Differentiate(GradientContext context)
    {
        GraphDraft draft = context.Draft;
        bool trains = context.Operator.GetInt("training_mode", 0) != 0;
        if (context.Needs(3) || context.Needs(4))
        {
            throw context.Error("its running mean and variance are statistics; do not ask for their gradients");
        }
        if (context.OutputGradient(1) is not null || context.OutputGradient(2) is not null)
        {
            throw context.Error("the loss depends on its statistics, as gradients of its gradients do; write it as primitives for that");
        }
        Tensor gradient = context.Gradient;
        Tensor x = context.Input(0);
        Tensor scale = context.Input(1);
        (Tensor mean, Tensor variance) = trains ? BatchStatistics(context) : (context.Input(3), context.Input(4));
        Tensor deviation = draft.Add(
            "Sqrt", [draft.Shift(variance, context.Operator.GetFloat("epsilon", DefaultEpsilon))]);
        Tensor sum = ChannelSums.Of(draft, gradient);
        Tensor correlation = draft.Div(
            draft.Sub(ChannelSums.Of(draft, draft.Mul(gradient, x)), draft.Mul(mean, sum)), deviation);
        if (context.Needs(1))
        {
            context.Accumulate(1, correlation);
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, sum);
        }
        if (context.Needs(0))
        {
            Tensor factor = draft.Div(scale, deviation);
            Tensor direct = draft.Mul(gradient, ChannelSums.Broadcastable(draft, factor, x.Shape.Rank));
            context.Accumulate(0, trains
                ? draft.Add(direct, ThroughStatistics(draft, x, factor, mean, deviation, sum, correlation))
                : direct);
        }
    }

    // The part of the gradient that passes through the batch's mean and variance: b * x + offset.
    private static Tensor ThroughStatistics(
        GraphDraft draft, Tensor x, Tensor factor, Tensor mean, Tensor deviation, Tensor sum, Tensor correlation)
    {
        double share = (double)x.Shape[1] / x.Shape.ElementCount;
        Tensor slope = draft.Neg(draft.Div(draft.Mul(factor, draft.Scale(correlation, share)), deviation));
        Tensor offset = draft.Neg(draft.Add(draft.Mul(factor, draft.Scale(sum, share)), draft.Mul(slope, mean)));
        return draft.Add(
            draft.Mul(x, ChannelSums.Broadcastable(draft, slope, x.Shape.Rank)),
            ChannelSums.Broadcastable(draft, offset, x.Shape.Rank));
    }

    // The operator's further outputs are running statistics: momentum * old + (1 - momentum) * the batch's.
    private static (Tensor Mean, Tensor Variance) BatchStatistics(GradientContext context)
    {
        double momentum = context.Operator.GetFloat("momentum", DefaultMomentum);
        if (momentum >= 1)
        {
            throw context.Error("with a momentum of 1 it does not say what the batch's statistics are");
        }
        Tensor Recover(int output, int running)
        {
            Tensor after = context.Draft.RequireOutput(context.Operator, output);
            return momentum == 0
                ? after
                : context.Draft.Scale(
                    context.Draft.Sub(after, context.Draft.Scale(context.Input(running), momentum)), 1 / (1 - momentum));
        }
        return (Recover(1, 3), Recover(2, 4));
    }
}
