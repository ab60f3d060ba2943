using Tandem.Prediction.Codl;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// Where a kernel lies among others of its family: sizes as binary logarithms, so that a distance is a ratio. Kernels that lie near
/// each other deviate alike from the law of their terms.
/// </summary>
internal static class KernelFeatures
{
    /// <summary>How many features there are.</summary>
    public const int Count = 13;

    /// <summary>Numbers that hold them: whole vectors, zeros at the end.</summary>
    public const int Width = 16;

    // Channels of a vector, and pixels of the usual tiles.
    private const int Lanes = 16;

    private static readonly Dictionary<string, int> OperatorFlags = new()
    {
        ["Relu"] = 1,
        ["Clip"] = 1,
        ["Reshape"] = 1,
        ["Flatten"] = 1,
        ["LRN"] = 1,
        ["Mul"] = 2,
        ["Div"] = 2,
        ["Transpose"] = 2,
        ["InstanceNormalization"] = 2,
        ["Add"] = 3,
        ["Sub"] = 3,
        ["Sum"] = 3,
        ["Crop"] = 3,
        ["Slice"] = 3,
        ["Pad"] = 3,
        ["BatchNormalization"] = 4,
    };

    /// <summary>Computes the features of a kernel.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">How it is computed.</param>
    /// <param name="features">Gets <see cref="Width"/> numbers.</param>
    public static void Fill(in KernelConfiguration kernel, ConvolutionPath path, Span<float> features)
    {
        KernelShape s = kernel.Shape;
        features.Clear();
        features[0] = Log((double)s.Rows * s.Columns);
        features[1] = Log(s.Columns);
        features[2] = Log(s.Channels);
        features[3] = kernel.IsDividedByRows ? 1 : 0;
        features[4] = Log(s.Inputs + s.Outputs);
        (double pixels, double tile, double channels) = Tile(s, path);
        features[5] = Waste(pixels, tile);
        if (s.Weights > 0)
        {
            features[6] = Log(s.Depth);
            features[7] = Log((double)s.WindowRows * s.WindowColumns);
            features[8] = s.StrideRows;
            features[9] = Log(s.Groups);
            features[10] = HasCostlyActivation(kernel.Operators) ? 1 : 0;
            features[11] = Log(s.Weights);
            features[12] = Waste((double)s.Channels / s.Groups, channels);
            return;
        }
        features[6] = Log((double)s.WindowRows * s.WindowColumns);
        features[7] = s.StrideRows;
        features[8] = (float)s.SidePerOutput;
        if (OperatorFlags.TryGetValue(s.Type, out int flag))
        {
            features[8 + flag] = 1;
        }
        else if (kernel.Operators.StartsWith("Max", StringComparison.Ordinal))
        {
            features[9] = 1;
        }
    }

    /// <summary>What is cut into tiles of pixels or columns, how large these are, and tiles of channels.</summary>
    private static (double Pixels, double Tile, double Channels) Tile(in KernelShape s, ConvolutionPath path) => path switch
    {
        ConvolutionPath.Blocked => (s.Rows * s.Columns, 14, 32),
        ConvolutionPath.Pointwise => (s.Rows * s.Columns, 48, 8),
        ConvolutionPath.WinogradFour => (s.Rows * s.Columns, s.Rows * s.Columns / (WinogradWork.ComputedTiles(s) * 16), 32),
        ConvolutionPath.ChannelBlocks or ConvolutionPath.ImageToBlocks => (s.WindowColumns == 1 ? s.Rows * s.Columns : s.Columns, 6, 64),
        _ => (s.Columns, Lanes, Lanes),
    };

    private static bool HasCostlyActivation(string operators)
    {
        int plus = operators.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && !operators.AsSpan(plus + 1).SequenceEqual("Relu");
    }

    private static float Log(double value) => (float)Math.Log2(Math.Max(value, 1));

    /// <summary>How much more a block of that many makes of an extent, as a logarithm.</summary>
    private static float Waste(double extent, double block) => Log(Math.Ceiling(extent / block) * block / extent);
}
