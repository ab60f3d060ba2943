namespace Tandem.Prediction.Codl;

/// <summary>How long one type of kernel takes on one processor: how it is cut into blocks, and the learned unit times.</summary>
/// <param name="Type">The type, as <see cref="KernelShape.Type"/>.</param>
/// <param name="Block">The blocks.</param>
/// <param name="UnitMs">Milliseconds for a unit of each term.</param>
/// <param name="SampleCount">How many samples it was fitted to.</param>
public sealed record KernelModel(string Type, BlockShape Block, IReadOnlyList<double> UnitMs, int SampleCount)
{
    // With fewer samples, steps cannot be told from noise.
    private const int LeastForBlocks = 6;

    // Another way of cutting must explain the samples better than the plainer one by this factor.
    private const double LeastGain = 0.97;

    /// <summary>The latency of a kernel of this type, or of a part of one, in milliseconds.</summary>
    public double PredictMs(in KernelShape shape)
    {
        Span<double> terms = stackalloc double[KernelTerms.Count];
        KernelTerms.Fill(shape, Block, terms);
        double sum = 0;
        for (int i = 0; i < terms.Length; i++)
        {
            sum += terms[i] * UnitMs[i];
        }
        return sum;
    }

    /// <summary>Fits the unit times for every usual way of cutting, and keeps the way that explains the samples best.</summary>
    /// <param name="type">The type.</param>
    /// <param name="samples">At least one, each above zero.</param>
    internal static KernelModel Fit(string type, IReadOnlyList<(KernelShape Shape, double Ms)> samples)
    {
        (KernelModel best, double bestError) = FitTo(type, BlockShape.Smooth, samples);
        if (samples.Count < LeastForBlocks)
        {
            return best;
        }
        IEnumerable<BlockShape> blocks = type == "conv 3x3" ? BlockShape.Usual.Concat(BlockShape.Winograd) : BlockShape.Usual;
        foreach (BlockShape block in blocks)
        {
            Try(block);
        }
        BlockShape tile = best.Block;
        foreach (int cores in BlockShape.CoreCounts)
        {
            Try(tile with { Cores = cores });
        }
        return best;

        void Try(BlockShape block)
        {
            (KernelModel model, double error) = FitTo(type, block, samples);
            if (error < bestError * LeastGain)
            {
                (best, bestError) = (model, error);
            }
        }
    }

    /// <summary>Fits the unit times without blocks.</summary>
    internal static KernelModel FitSmooth(string type, IReadOnlyList<(KernelShape Shape, double Ms)> samples) =>
        FitTo(type, BlockShape.Smooth, samples).Model;

    private static (KernelModel Model, double Error) FitTo(
        string type, BlockShape block, IReadOnlyList<(KernelShape Shape, double Ms)> samples)
    {
        var terms = new double[samples.Count][];
        for (int i = 0; i < terms.Length; i++)
        {
            KernelTerms.Fill(samples[i].Shape, block, terms[i] = new double[KernelTerms.Count]);
        }
        (double[] unitMs, double error) = UnitTimeRegression.Fit(terms, [.. samples.Select(s => s.Ms)]);
        return (new KernelModel(type, block, unitMs, samples.Count), error);
    }
}
