using Tandem.Graphs;

namespace Tandem.Learning.Differentiation.Rules;

/// <summary>Conv.</summary>
internal sealed class ConvolutionGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["Conv"];

    public void Differentiate(GradientContext context)
    {
        (Tensor x, Tensor weights, Tensor gradient) = (context.Input(0), context.Input(1), context.Gradient);
        var window = ConvolutionWindow.Of(context.Operator, x, weights);
        if (context.Needs(0))
        {
            context.Accumulate(0, ConvolutionGradients.Large(context.Draft, window, gradient, weights, x.Shape));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, ConvolutionGradients.Weights(context.Draft, window, x, gradient, weights.Shape));
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, ChannelSums.Of(context.Draft, gradient));
        }
    }
}

/// <summary>ConvTranspose: large and small image have changed places.</summary>
internal sealed class TransposedConvolutionGradient : IGradientRule
{
    public IReadOnlyList<string> Types { get; } = ["ConvTranspose"];

    public void Differentiate(GradientContext context)
    {
        (Tensor x, Tensor weights, Tensor gradient) = (context.Input(0), context.Input(1), context.Gradient);
        var window = ConvolutionWindow.OfTransposed(context.Operator, weights);
        if (context.Needs(0))
        {
            context.Accumulate(0, ConvolutionGradients.Small(context.Draft, window, gradient, weights, x.Shape));
        }
        if (context.Needs(1))
        {
            context.Accumulate(1, ConvolutionGradients.Weights(context.Draft, window, gradient, x, weights.Shape));
        }
        if (context.Needs(2))
        {
            context.Accumulate(2, ChannelSums.Of(context.Draft, gradient));
        }
    }
}
