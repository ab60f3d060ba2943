namespace Tandem.Graphs.Slicing.Rules;

/// <summary>An operator in the whole graph, as the slicing rules see it: its shapes and constants at hand.</summary>
internal readonly record struct OperatorSite(Graph Graph, Operator Operator)
{
    /// <summary>How many inputs are listed, left-out ones included.</summary>
    public int InputCount => Operator.Inputs.Count;

    /// <summary>The shape of the first output.</summary>
    public Shape OutputShape => Graph.Tensors[Operator.Outputs[0]].Shape;

    /// <summary>The opset version by which the operator is to be read.</summary>
    public int Opset => Graph.Opset;

    /// <summary>The shape of an input that is given.</summary>
    public Shape InputShape(int index) => Graph.Tensors[Operator.Inputs[index]].Shape;

    /// <summary>The contents of an input; null where it is left out or not a constant.</summary>
    public Constant? ConstantInput(int index) =>
        Operator.HasInput(index) ? Graph.Constants.GetValueOrDefault(Operator.Inputs[index]) : null;

    /// <summary>Whether an input is given and made at run time.</summary>
    public bool IsVariable(int index) =>
        Operator.HasInput(index) && !Graph.Constants.ContainsKey(Operator.Inputs[index]);

    /// <summary>A range of an input along an axis; the whole tensor where that is all of it.</summary>
    public TensorRange InputRange(int index, int axis, long from, long to) =>
        Ranges.Along(InputShape(index), axis, from, to);

    /// <summary>A range of the first output along an axis; the whole tensor where that is all of it.</summary>
    public TensorRange OutputRange(int axis, long from, long to) => Ranges.Along(OutputShape, axis, from, to);

    /// <summary>The operator with some attributes set, or removed where the value is null.</summary>
    public Operator WithAttributes(params ReadOnlySpan<(string Name, AttributeValue? Value)> changes)
    {
        var attributes = new Dictionary<string, AttributeValue>(Operator.Attributes);
        foreach ((string name, AttributeValue? value) in changes)
        {
            if (value is null)
            {
                attributes.Remove(name);
            }
            else
            {
                attributes[name] = value;
            }
        }
        return Operator.With(attributes: attributes);
    }

    /// <summary>A list of whole inputs, to be changed where a rule reads less.</summary>
    public TensorRange[] WholeInputs()
    {
        var ranges = new TensorRange[InputCount];
        Array.Fill(ranges, TensorRange.Whole);
        return ranges;
    }
}
