namespace Tandem.Graphs.Quantization;

/// <summary>Writes the quantised form of a graph: each quantised operator between DequantizeLinear and QuantizeLinear.</summary>
internal sealed class QuantizedGraphBuilder
{
    private readonly Graph _graph;
    private readonly QuantizedPart _part;
    private readonly Func<string, ValueRange> _rangeOf;
    private readonly QuantizationOptions _options;
    private readonly List<Operator> _operators = [];
    private readonly Dictionary<string, Constant> _constants = [];
    private readonly Dictionary<string, LinearQuantization> _quantizations = [];

    // The bytes' dequantised name, for tensors that float operators or the caller make.
    private readonly Dictionary<string, string> _entries = [];

    public QuantizedGraphBuilder(
        Graph graph, QuantizedPart part, Func<string, ValueRange> rangeOf, QuantizationOptions options)
    {
        _graph = graph;
        _part = part;
        _rangeOf = rangeOf;
        _options = options;
    }

    public Graph Build()
    {
        foreach (Operator op in _graph.Operators)
        {
            if (_part.Operators.Contains(op))
            {
                AddQuantized(op);
            }
            else if (!_part.IsAbsorbed(op))
            {
                _operators.Add(op);
            }
        }
        HashSet<string> read = [.. _operators.SelectMany(op => op.Inputs), .. _graph.Outputs.Select(output => output.Name)];
        return new Graph(
            _graph.Name, _graph.Opsets, _graph.Inputs, [.. _graph.Outputs.Select(output => output.Name)], _operators,
            [.. _graph.Constants.Values.Where(constant => read.Contains(constant.Tensor.Name)), .. _constants.Values]);
    }

    private void AddQuantized(Operator op)
    {
        string[] inputs = [.. op.Inputs];
        foreach (int i in QuantizableOperators.Activations(_graph, op))
        {
            inputs[i] = Dequantized(op.Inputs[i]);
        }
        if (ProductSite.Of(_graph, op) is { } product)
        {
            AddWeights(op, product, inputs);
        }
        string output = _part.OutputOf(op);
        if (!_part.MakesBytes(op))
        {
            _operators.Add(op.With(inputs: inputs, outputs: [output]));
            return;
        }
        _quantizations[output] = QuantizableOperators.Moves(op)
            ? _quantizations[op.Inputs[0]]
            : _options.Covering(_rangeOf(output));
        _operators.Add(op.With(inputs: inputs, outputs: [output + ":float"]));
        AddPair(output, output + ":float", output);
    }

    /// <summary>The name under which a quantised operator reads a tensor; quantises it where nothing did yet.</summary>
    private string Dequantized(string tensor)
    {
        if (_entries.TryGetValue(tensor, out string? known))
        {
            return known;
        }
        if (_quantizations.ContainsKey(tensor))
        {
            return tensor;
        }
        _quantizations[tensor] = _options.Covering(_rangeOf(tensor));
        AddPair(tensor, tensor, tensor + ":dequantized");
        return _entries[tensor] = tensor + ":dequantized";
    }

    private void AddPair(string tensor, string from, string to)
    {
        LinearQuantization quantization = _quantizations[tensor];
        string scale = Add(Constant.Of<float>(tensor + ":scale", ElementType.Float32, Shape.Scalar, [quantization.Scale]));
        string zero = Add(Constant.Of<byte>(tensor + ":zero", ElementType.UInt8, Shape.Scalar, [quantization.ZeroPoint]));
        _operators.Add(new Operator(tensor + ":quantize", "QuantizeLinear", [from, scale, zero], [tensor + ":bytes"]));
        _operators.Add(new Operator(tensor + ":dequantize", "DequantizeLinear", [tensor + ":bytes", scale, zero], [to]));
    }

    private void AddWeights(Operator op, ProductSite product, string[] inputs)
    {
        var weights = QuantizedWeights.Of(
            _part.OutputOf(op), product.Weights, product.ChannelAxis, product.Bias, _quantizations[op.Inputs[0]], _options);
        inputs[1] = AddDequantized(weights.Weights, weights.Scales, product.ChannelAxis);
        if (weights is { Bias: { } bias, BiasScales: { } scales })
        {
            inputs[2] = AddDequantized(bias, scales, 0);
        }
    }

    private string AddDequantized(Constant bytes, Constant scales, int axis)
    {
        string name = bytes.Tensor.Name;
        _operators.Add(new Operator(
            name + ":dequantize", "DequantizeLinear", [Add(bytes), Add(scales)], [name + ":dequantized"],
            new Dictionary<string, AttributeValue> { ["axis"] = new AttributeValue.Int(axis) }));
        return name + ":dequantized";
    }

    private string Add(Constant constant)
    {
        _constants[constant.Tensor.Name] = constant;
        return constant.Tensor.Name;
    }
}
