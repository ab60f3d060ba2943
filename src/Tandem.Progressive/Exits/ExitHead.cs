using Tandem.Graphs;

namespace Tandem.Progressive.Exits;

/// <summary>The classifier of an exit: what it costs, and how it is written.</summary>
internal abstract record ExitHead
{
    /// <summary>Multiply-accumulates for one image.</summary>
    /// <param name="features">What it reads.</param>
    /// <param name="classes">How many classes there are.</param>
    public abstract long Macs(Shape features, long classes);

    /// <summary>Adds it to a network.</summary>
    /// <param name="writer">Where it is added.</param>
    /// <param name="features">What it reads.</param>
    /// <param name="classes">How many classes there are.</param>
    public abstract void Write(HeadWriter writer, Tensor features, long classes);
}

/// <summary>Means over all positions, then one fully connected layer: the least that can classify, and all that a vector needs.</summary>
internal sealed record MeanHead : ExitHead
{
    public override long Macs(Shape features, long classes) => Channels(features) * classes;

    public override void Write(HeadWriter writer, Tensor features, long classes) => writer.Classify(writer.Mean(features), classes);

    /// <summary>The features of each position; of tokens they come last.</summary>
    internal static long Channels(Shape features) => features.Rank == 3 ? features[2] : features[1];
}

/// <summary>As <see cref="MeanHead"/> with a narrow layer in between, for vectors too long to be multiplied by every class.</summary>
/// <param name="Width">Numbers that the layer makes.</param>
internal sealed record NarrowHead(int Width) : ExitHead
{
    public override long Macs(Shape features, long classes) => (MeanHead.Channels(features) + classes) * Width;

    public override void Write(HeadWriter writer, Tensor features, long classes) =>
        writer.Classify(writer.Relu(writer.FullyConnected("reduce", writer.Mean(features), Width)), classes);
}

/// <summary>
/// SPINN's kind of exit for images: pooling, two 3x3 convolutions (stride 2, batch normalisation, Relu), means of channels, and a fully
/// connected layer. Strides make coarse features, which early layers lack and classifying needs (Huang et al., MSDNet, 2018).
/// </summary>
/// <param name="Positions">Rows, and columns, that the average-pooled image has at most.</param>
/// <param name="Width">Output channels of the first convolution, of which whole blocks of 16 run fastest.</param>
/// <param name="LastWidth">Output channels of the second.</param>
internal sealed record ConvolutionHead(int Positions, int Width, int LastWidth) : ExitHead
{
    private const int Taps = 9;

    public override long Macs(Shape features, long classes)
    {
        (long rows, long columns) = (Halved(Pooled(features[2])), Halved(Pooled(features[3])));
        long first = Taps * features[1] * Width * rows * columns;
        long second = Taps * Width * LastWidth * Halved(rows) * Halved(columns);
        return first + second + (LastWidth * classes);
    }

    public override void Write(HeadWriter writer, Tensor features, long classes)
    {
        Tensor x = writer.Pool(features, Window(features.Shape[2]), Window(features.Shape[3]));
        x = writer.Convolution("conv1", x, Width);
        x = writer.Convolution("conv2", x, LastWidth);
        writer.Classify(writer.Mean(x), classes);
    }

    private long Window(long extent) => (extent + Positions - 1) / Positions;

    private long Pooled(long extent) => extent / Window(extent);

    private static long Halved(long extent) => (extent + 1) / 2;
}
