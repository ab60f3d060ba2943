using System.Globalization;
using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Builds a slice's graph from a cut region: one input per distinct range of a tensor from outside, weights cut once,
/// and a Slice operator wherever an operator inside makes more than its reader needs.
/// </summary>
internal sealed class SliceBuilder
{
    private readonly Region _region;
    private readonly List<Operator> _operators = [];
    private readonly Dictionary<string, Constant> _constants = [];
    private readonly Dictionary<string, SliceEnd> _inputs = [];
    private readonly Dictionary<(string Tensor, TensorRange Range), string> _names = [];
    private readonly Dictionary<string, TensorRange> _produced = [];
    private readonly Dictionary<string, TensorRange> _results;

    private SliceBuilder(Region region, RegionCut cut)
    {
        _region = region;
        _results = cut.Outputs.ToDictionary(o => o.Tensor.Name, o => o.Range);
    }

    /// <summary>Builds the slice.</summary>
    public static Slice Build(Region region, RegionCut cut)
    {
        var builder = new SliceBuilder(region, cut);
        foreach ((Operator op, OperatorCut operatorCut) in cut.Operators)
        {
            builder.Add(op, operatorCut);
        }
        foreach (SliceEnd output in cut.Outputs)
        {
            builder.Name(output.Tensor.Name, output.Range);
        }
        Graph whole = region.Graph;
        var graph = new Graph(
            $"{whole.Name}/{region.Operators[0].Name}",
            whole.Opsets,
            [.. builder._inputs.Select(i => InputTensor(i.Key, i.Value))],
            [.. cut.Outputs.Select(o => o.Tensor.Name)],
            builder._operators,
            builder._constants.Values);
        Check(graph, cut.Outputs);
        return new Slice(graph, [.. builder._inputs.Values], cut.Outputs);
    }

    private static Tensor InputTensor(string name, SliceEnd end) =>
        new(name, end.Tensor.Type, end.Range.Of(end.Tensor.Shape));

    private static void Check(Graph graph, IReadOnlyList<SliceEnd> outputs)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            Shape expected = outputs[i].Range.Of(outputs[i].Tensor.Shape);
            if (!graph.Outputs[i].Shape.Equals(expected))
            {
                throw new InvalidOperationException(
                    $"slice {outputs[i].Range} of {outputs[i].Tensor} has shape {graph.Outputs[i].Shape}");
            }
        }
    }

    private void Add(Operator op, OperatorCut cut)
    {
        var inputs = new string[op.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = cut.Replaced.TryGetValue(i, out Constant? constant)
                ? AddConstant(constant, $"{op.Name}:{constant.Tensor.Name}")
                : op.Inputs[i].Length == 0 ? "" : Name(op.Inputs[i], cut.Inputs[i]);
        }
        int used = op.Outputs.Count;
        while (used > 1 && !_region.IsUsed(op.Outputs[used - 1]))
        {
            used--;
        }
        string[] outputs = [.. op.Outputs.Take(used).Select(o => o.Length == 0 ? "" : Produce(o, cut.Produced))];
        _operators.Add(cut.Operator.With(inputs, outputs));
    }

    // The result of the slice keeps the tensor's name; what is wider than the result takes another.
    private string Produce(string tensor, TensorRange range)
    {
        _produced[tensor] = range;
        bool isWider = _results.TryGetValue(tensor, out TensorRange result) && result != range;
        string name = isWider ? Decorate(tensor, range) : tensor;
        return _names[(tensor, range)] = name;
    }

    private string Name(string tensor, TensorRange range)
    {
        if (_names.TryGetValue((tensor, range), out string? known))
        {
            return known;
        }
        return _names[(tensor, range)] = _region.Makes(tensor) ? SliceInside(tensor, range)
            : _region.Graph.Constants.TryGetValue(tensor, out Constant? constant) ? CutConstant(constant, range)
            : AddInput(tensor, range);
    }

    private string AddInput(string tensor, TensorRange range)
    {
        string name = range.IsWhole ? tensor : Decorate(tensor, range);
        _inputs.Add(name, new SliceEnd(_region.Graph.Tensors[tensor], range));
        return name;
    }

    private string CutConstant(Constant constant, TensorRange range)
    {
        string name = constant.Tensor.Name;
        return range.IsWhole
            ? AddConstant(constant, name)
            : AddConstant(ConstantCut.Cut(constant, range, Decorate(name, range)), Decorate(name, range));
    }

    private string AddConstant(Constant constant, string name)
    {
        _constants[name] = constant.Tensor.Name == name
            ? constant
            : new Constant(constant.Tensor with { Name = name }, constant.Data);
        return name;
    }

    private string SliceInside(string tensor, TensorRange range)
    {
        TensorRange produced = _produced[tensor];
        long offset = produced.IsWhole ? 0 : produced.From;
        (int axis, long from, long to) = range.IsWhole
            ? (produced.Axis, 0, _region.Graph.Tensors[tensor].Shape[produced.Axis])
            : (range.Axis, range.From, range.To);
        bool isResult = _results.TryGetValue(tensor, out TensorRange result) && result == range;
        string output = isResult ? tensor : Decorate(tensor, range);
        string input = _names[(tensor, produced)];
        _operators.Add(MakeSlice($"{output}:slice", input, output, axis, from - offset, to - offset));
        return output;
    }

    private Operator MakeSlice(string name, string input, string output, int axis, long from, long to)
    {
        if (_region.Graph.Opset < 10)
        {
            return new Operator(name, "Slice", [input], [output], new Dictionary<string, AttributeValue>
            {
                ["axes"] = new AttributeValue.Ints([axis]),
                ["starts"] = new AttributeValue.Ints([from]),
                ["ends"] = new AttributeValue.Ints([to]),
            });
        }
        return new Operator(
            name, "Slice",
            [input, Number($"{name}:from", from), Number($"{name}:to", to), Number($"{name}:axis", axis)], [output]);
    }

    private string Number(string name, long value) =>
        AddConstant(Constant.Of<long>(name, ElementType.Int64, new Shape(1), [value]), name);

    private static string Decorate(string tensor, TensorRange range) => range.IsWhole
        ? tensor + "@all"
        : string.Create(CultureInfo.InvariantCulture, $"{tensor}@{range.From}..{range.To}");
}
