namespace Tandem.Bench.TrainingStep;

/// <summary>Batch normalisation by the statistics of the batch (Ioffe and Szegedy 2015), and its gradient.</summary>
internal sealed class BatchNormalization
{
    private const double Epsilon = 1e-5;

    private readonly StepGraph _graph;
    private readonly ChannelPasses _passes;
    private readonly string _x;
    private readonly string _inverseDeviation;
    private readonly string _factors;
    private readonly string _offsets;

    /// <summary>Adds the operators that find mean and variance.</summary>
    public BatchNormalization(ChannelPasses passes, string x, string gamma, string beta)
    {
        StepGraph graph = passes.Graph;
        (_graph, _passes, _x) = (graph, passes, x);
        Mean = passes.Mean(x);
        string meanSquare = graph.Scale(passes.Dot(x, x), 1 / passes.Count);
        Variance = graph.Add("Sub", [meanSquare, graph.Add("Mul", [Mean, Mean])]);
        string deviation = graph.Add("Sqrt", [graph.Add("Add", [Variance, graph.Number(Epsilon)])]);
        _inverseDeviation = graph.Add("Reciprocal", [deviation]);
        _factors = graph.Add("Mul", [gamma, _inverseDeviation]);
        _offsets = graph.Add("Sub", [beta, graph.Add("Mul", [Mean, _factors])]);
    }

    /// <summary>The channels' means.</summary>
    public string Mean { get; }

    /// <summary>The channels' variances (of the batch, not an estimate).</summary>
    public string Variance { get; }

    /// <summary>How many numbers are behind each mean.</summary>
    public double Count => _passes.Count;

    /// <summary>The normalised tensor, plus another, then an activation.</summary>
    public string Forward(bool relu, string? sum = null) => _passes.Affine(_x, _factors, _offsets, sum, relu);

    /// <summary>
    /// Gradients from that of the normalised tensor. The input's is a g + b x + c with three numbers for each channel, which come from the sums
    /// of g and of g x.
    /// </summary>
    public (string Input, string Gamma, string Beta) Backward(string g)
    {
        string meanGradient = _passes.Mean(g);
        string beta = _graph.Scale(meanGradient, _passes.Count);
        string centred = _graph.Add("Sub", [_passes.Dot(g, _x), _graph.Add("Mul", [Mean, beta])]);
        string gamma = _graph.Add("Mul", [centred, _inverseDeviation]);
        string slope = _graph.Add(
            "Mul", [_graph.Add("Mul", [_factors, _inverseDeviation]), _graph.Scale(gamma, -1 / _passes.Count)]);
        string offset = _graph.Add(
            "Neg", [_graph.Add("Add", [_graph.Add("Mul", [_factors, meanGradient]), _graph.Add("Mul", [slope, Mean])])]);
        string input = _passes.Affine(g, _factors, null, _passes.Affine(_x, slope, offset));
        return (input, gamma, beta);
    }
}
