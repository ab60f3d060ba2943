using Tandem.Graphs;

namespace Tandem.Bench.TrainingStep;

/// <summary>
/// One step of training ResNet-20 (He et al. 2015, with 1x1 convolutions as shortcuts) on 32x32 images, as one graph: forward, softmax
/// cross-entropy, backward, and stochastic gradient descent with momentum and weight decay. Inputs: images, labels, rate, parameters, velocity,
/// statistics. Outputs: loss, next_parameters, next_velocity, next_statistics.
/// </summary>
internal sealed class ResNet20Step
{
    /// <summary>Images of a step.</summary>
    public const int Batch = 128;

    /// <summary>Numbers of one image: 3 channels of 32 by 32.</summary>
    public const int ImageSize = 3 * 32 * 32;

    private const long Classes = 10;
    private const double Momentum = 0.9;
    private const double Decay = 1e-4;
    private const double StatisticsRate = 0.1;

    private readonly StepGraph _graph = new();
    private readonly List<string> _parameters = [];
    private readonly Queue<string> _unused = [];
    private readonly Dictionary<string, string> _gradients = [];
    private readonly List<BatchNormalization> _normalizations = [];
    private readonly Stack<Func<string, string>> _backward = [];

    private ResNet20Step()
    {
    }

    /// <summary>The parameters in the order in which layers are made: convolution, gamma, beta, ..., weights and bias of the classifier.</summary>
    public static IReadOnlyList<Parameter> Parameters { get; } = [.. ListParameters()];

    /// <summary>Numbers of all running means and variances.</summary>
    public static long StatisticsCount => 2 * Parameters.Where(p => p.Shape.Length == 4).Sum(p => p.Shape[0]);

    /// <summary>Makes the graph.</summary>
    public static Graph Make() => new ResNet20Step().Build();

    private static IEnumerable<Parameter> ListParameters()
    {
        static IEnumerable<Parameter> Unit(long outputs, long inputs, long kernel) =>
            [new(outputs, inputs, kernel, kernel), new(outputs), new(outputs)];
        List<Parameter> all = [.. Unit(16, 3, 3)];
        foreach ((long inputs, long outputs, _, _) in Blocks())
        {
            all.AddRange(Unit(outputs, inputs, 3));
            all.AddRange(Unit(outputs, outputs, 3));
            all.AddRange(inputs == outputs ? [] : Unit(outputs, inputs, 1));
        }
        return [.. all, new Parameter(Classes, 64), new Parameter(Classes)];
    }

    private static IEnumerable<(long In, long Out, long Extent, long Stride)> Blocks()
    {
        long inputs = 16;
        long extent = 32;
        foreach (long outputs in new long[] { 16, 32, 64 })
        {
            for (int i = 0; i < 3; i++)
            {
                long stride = inputs == outputs ? 1 : 2;
                yield return (inputs, outputs, extent, stride);
                extent /= stride;
                inputs = outputs;
            }
        }
    }

    private Graph Build()
    {
        string images = _graph.Input("images", ElementType.Float32, Batch, 3, 32, 32);
        long count = Parameters.Sum(p => p.Count);
        string vector = _graph.Input("parameters", ElementType.Float32, count);
        foreach (string part in _graph.Split(vector, [.. Parameters.Select(p => p.Count)]))
        {
            _parameters.Add(part);
            _unused.Enqueue(part);
        }
        string x = First(images);
        foreach ((long inputs, long outputs, long extent, long stride) in Blocks())
        {
            x = Residual(x, inputs, outputs, extent, stride);
        }
        string gradient = Classify(x);
        while (_backward.TryPop(out Func<string, string>? layer))
        {
            gradient = layer(gradient);
        }
        Update(vector, count);
        KeepStatistics();
        return _graph.Build("loss", "next_parameters", "next_velocity", "next_statistics");
    }

    private string First(string images)
    {
        var convolution = new ImageConvolution(_graph, Batch, 3, 16, 32);
        string w = _unused.Dequeue();
        BatchNormalization normalization = Normalize(convolution.Forward(images, w), 16, 32, out Action<string, string> keep);
        string y = normalization.Forward(relu: true);
        _backward.Push(gradient =>
        {
            string g = Through(normalization, Masked(gradient, y, 16, 32), keep);
            _gradients[w] = convolution.WeightGradient(images, g);
            return g;
        });
        return y;
    }

    private string Residual(string x, long inputs, long outputs, long extent, long stride)
    {
        long outExtent = extent / stride;
        var first = new BlockedConvolution(_graph, Batch, inputs, outputs, extent, 3, stride);
        var second = new BlockedConvolution(_graph, Batch, outputs, outputs, outExtent, 3, 1);
        string w1 = _unused.Dequeue();
        BatchNormalization n1 = Normalize(first.Forward(x, w1), outputs, outExtent, out Action<string, string> keep1);
        string middle = n1.Forward(relu: true);
        string w2 = _unused.Dequeue();
        BatchNormalization n2 = Normalize(second.Forward(middle, w2), outputs, outExtent, out Action<string, string> keep2);
        string skip = x;
        Func<string, string> skipBackward = gradient => gradient;
        if (stride > 1)
        {
            (skip, skipBackward) = Shortcut(x, inputs, outputs, extent);
        }
        string y = n2.Forward(relu: true, skip);
        _backward.Push(gradient =>
        {
            string masked = Masked(gradient, y, outputs, outExtent);
            string g2 = Through(n2, masked, keep2);
            _gradients[w2] = second.WeightGradient(middle, g2);
            string g1 = Through(n1, Masked(second.InputGradient(g2, w2), middle, outputs, outExtent), keep1);
            _gradients[w1] = first.WeightGradient(x, g1);
            return first.InputGradient(g1, w1, skipBackward(masked));
        });
        return y;
    }

    private (string Output, Func<string, string> Backward) Shortcut(string x, long inputs, long outputs, long extent)
    {
        var convolution = new BlockedConvolution(_graph, Batch, inputs, outputs, extent, 1, 2);
        string w = _unused.Dequeue();
        BatchNormalization normalization = Normalize(convolution.Forward(x, w), outputs, extent / 2, out Action<string, string> keep);
        return (normalization.Forward(relu: false), gradient =>
        {
            string g = Through(normalization, gradient, keep);
            _gradients[w] = convolution.WeightGradient(x, g);
            return convolution.InputGradient(g, w);
        });
    }

    private BatchNormalization Normalize(string x, long channels, long extent, out Action<string, string> keep)
    {
        string gamma = _unused.Dequeue();
        string beta = _unused.Dequeue();
        var result = new BatchNormalization(new ChannelPasses(_graph, Batch, channels, extent), x, gamma, beta);
        _normalizations.Add(result);
        keep = (gammaGradient, betaGradient) => (_gradients[gamma], _gradients[beta]) = (gammaGradient, betaGradient);
        return result;
    }

    private static string Through(BatchNormalization normalization, string gradient, Action<string, string> keep)
    {
        (string input, string gamma, string beta) = normalization.Backward(gradient);
        keep(gamma, beta);
        return input;
    }

    private string Masked(string gradient, string y, long channels, long extent) =>
        _graph.Add("Mul", [gradient, new ChannelPasses(_graph, Batch, channels, extent).Positive(y)]);

    /// <summary>Pools, classifies, adds the loss; returns the gradient of what is pooled.</summary>
    private string Classify(string x)
    {
        string labels = _graph.Input("labels", ElementType.Float32, Batch, 1);
        string features = _graph.Reshape(_graph.AddBlocked("GlobalAveragePool", [x]), Batch, 64);
        string w = _unused.Dequeue();
        string bias = _unused.Dequeue();
        string matrix = _graph.Reshape(w, Classes, 64);
        string logits = _graph.Add("Gemm", [features, matrix, bias], ("transB", new AttributeValue.Int(1)));
        string classes = _graph.Add(
            "Concat", [.. Enumerable.Range(0, (int)Classes).Select(i => _graph.Filled(i, 1, 1))], ("axis", new AttributeValue.Int(1)));
        string target = _graph.Add(
            "Cast", [_graph.Add("Equal", [labels, classes])], ("to", new AttributeValue.Int((long)ElementType.Float32)));
        string likelihoods = _graph.Add("Mul", [_graph.Add("LogSoftmax", [logits], ("axis", new AttributeValue.Int(1))), target]);
        string total = _graph.SumOver(_graph.Reshape(likelihoods, -1), 0);
        _graph.Name(_graph.Scale(total, -1.0 / Batch), "loss");
        string probabilities = _graph.Add("Softmax", [logits], ("axis", new AttributeValue.Int(1)));
        string gradient = _graph.Scale(_graph.Add("Sub", [probabilities, target]), 1.0 / Batch);
        _gradients[w] = _graph.Reshape(_graph.Add("Gemm", [gradient, features], ("transA", new AttributeValue.Int(1))), -1);
        _gradients[bias] = _graph.SumOver(gradient, 0);
        string pooled = _graph.Scale(_graph.Add("MatMul", [gradient, matrix]), 1.0 / 64);
        return new ChannelPasses(_graph, Batch, 64, 8).TimesPlanes(_graph.Filled(1, Batch, 64, 8, 8), pooled);
    }

    /// <summary>All parameters are one vector, so a handful of operators update them.</summary>
    private void Update(string vector, long count)
    {
        string rate = _graph.Input("rate", ElementType.Float32);
        string velocity = _graph.Input("velocity", ElementType.Float32, count);
        string gradient = _graph.Add("Concat", [.. _parameters.Select(p => _gradients[p])], ("axis", new AttributeValue.Int(0)));
        string decayed = _graph.Add("Add", [gradient, _graph.Scale(vector, Decay)]);
        string next = _graph.Add("Add", [_graph.Scale(velocity, Momentum), decayed]);
        _graph.Name(next, "next_velocity");
        _graph.Name(_graph.Add("Sub", [vector, _graph.Add("Mul", [next, rate])]), "next_parameters");
    }

    private void KeepStatistics()
    {
        string statistics = _graph.Input("statistics", ElementType.Float32, StatisticsCount);
        string measured = _graph.Add(
            "Concat",
            [.. _normalizations.SelectMany(n => new[] { n.Mean, _graph.Scale(n.Variance, n.Count / (n.Count - 1)) })],
            ("axis", new AttributeValue.Int(0)));
        string kept = _graph.Scale(statistics, 1 - StatisticsRate);
        _graph.Name(_graph.Add("Add", [kept, _graph.Scale(measured, StatisticsRate)]), "next_statistics");
    }
}
