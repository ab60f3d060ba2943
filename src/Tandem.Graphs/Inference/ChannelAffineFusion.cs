namespace Tandem.Graphs.Inference;

/// <summary>
/// Joins what scales and shifts channels (BatchNormalization and the Mul and Add after it, as Caffe's networks have them) and could not be
/// folded into a convolution before it, as before the convolutions of DenseNet: several passes over memory become one.
/// </summary>
public static class ChannelAffineFusion
{
    /// <summary>
    /// The graph with each chain of such operators as one. Outputs keep their names; results differ by rounding only.
    /// </summary>
    /// <param name="graph">The graph, with constants folded.</param>
    /// <param name="isConvolution">
    /// For which numbers of channels a chain with a normalisation becomes a depthwise 1x1 convolution, with which runtimes fuse an activation and
    /// stay in their own layout; for others it becomes one normalisation.
    /// </param>
    public static Graph Join(Graph graph, Predicate<long> isConvolution)
    {
        HashSet<string> outputs = [.. graph.Outputs.Select(output => output.Name)];
        HashSet<Operator> joined = [];
        List<Operator> operators = [];
        List<Constant> constants = [.. graph.Constants.Values];
        foreach (Operator first in graph.Operators.Where(op => !joined.Contains(op)))
        {
            List<Operator> chain = Chain(first, graph, outputs, out ChannelAffine? affine);
            bool convolves = affine is not null && chain.Any(op => op.Type == "BatchNormalization") && isConvolution(affine.Scale.Length);
            if (affine is null || (chain.Count == 1 && !convolves))
            {
                operators.Add(first);
                continue;
            }
            joined.UnionWith(chain);
            operators.Add(convolves ? Convolution(chain, affine, constants) : Normalization(chain, affine, constants));
        }
        HashSet<string> read = [.. operators.SelectMany(op => op.Inputs), .. outputs];
        return joined.Count == 0 ? graph : new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)], operators,
            constants.Where(constant => read.Contains(constant.Tensor.Name)))
        {
            Metadata = graph.Metadata,
        };
    }

    /// <summary>The longest chain from an operator on, in which nothing else reads what lies between.</summary>
    private static List<Operator> Chain(Operator first, Graph graph, HashSet<string> outputs, out ChannelAffine? affine)
    {
        affine = ChannelAffine.TryRead(first, graph);
        List<Operator> chain = [first];
        while (affine is not null && !outputs.Contains(chain[^1].Outputs[0])
            && graph.Consumers(chain[^1].Outputs[0]) is [Operator next]
            && ChannelAffine.TryRead(next, graph) is { } following && following.Input == chain[^1].Outputs[0])
        {
            affine = affine.Then(following);
            chain.Add(next);
        }
        return chain;
    }

    private static Operator Convolution(List<Operator> chain, ChannelAffine affine, List<Constant> constants)
    {
        long channels = affine.Scale.Length;
        string weights = Add(constants, $"{chain[^1].Outputs[0]}~scale", new Shape(channels, 1, 1, 1), affine.Scale);
        string bias = Add(constants, $"{chain[^1].Outputs[0]}~shift", new Shape(channels), affine.Shift);
        return new Operator(
            chain[0].Name, "Conv", [affine.Input, weights, bias], chain[^1].Outputs,
            new Dictionary<string, AttributeValue>
            {
                ["group"] = new AttributeValue.Int(channels),
                ["kernel_shape"] = new AttributeValue.Ints([1, 1]),
            });
    }

    private static Operator Normalization(List<Operator> chain, ChannelAffine affine, List<Constant> constants)
    {
        string output = chain[^1].Outputs[0];
        var channels = new Shape(affine.Scale.Length);
        string[] numbers =
        [
            Add(constants, $"{output}~scale", channels, affine.Scale),
            Add(constants, $"{output}~shift", channels, affine.Shift),
            Add(constants, $"{output}~mean", channels, new double[affine.Scale.Length]),
            Add(constants, $"{output}~variance", channels, [.. affine.Scale.Select(_ => 1.0)]),
        ];
        return new Operator(
            chain[0].Name, "BatchNormalization", [affine.Input, .. numbers], chain[^1].Outputs,
            new Dictionary<string, AttributeValue> { ["epsilon"] = new AttributeValue.Float(0) });
    }

    private static string Add(List<Constant> constants, string name, Shape shape, double[] numbers)
    {
        constants.Add(Constant.Of<float>(name, ElementType.Float32, shape, Array.ConvertAll(numbers, number => (float)number)));
        return name;
    }
}
