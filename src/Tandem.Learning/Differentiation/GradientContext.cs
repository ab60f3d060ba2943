using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>What a rule knows about the operator in hand, and where it leaves what it makes.</summary>
internal sealed class GradientContext(GraphDraft draft, Operator op, Gradients gradients, IReadOnlySet<string> active)
{
    /// <summary>The graph that is being written.</summary>
    public GraphDraft Draft => draft;

    /// <summary>The operator whose inputs' gradients are wanted.</summary>
    public Operator Operator => op;

    /// <summary>The gradient of the first output.</summary>
    /// <exception cref="DifferentiationException">The loss depends on other outputs only.</exception>
    public Tensor Gradient => OutputGradient(0) ?? throw Error("the loss depends on its further outputs only");

    /// <summary>The input at this place.</summary>
    /// <exception cref="DifferentiationException">It is left out.</exception>
    public Tensor Input(int index) => op.HasInput(index) ? draft[op.Inputs[index]] : throw Error($"input {index} is missing");

    /// <summary>The output at this place.</summary>
    public Tensor Output(int index) => draft[op.Outputs[index]];

    /// <summary>The gradient of an output; null where the loss does not depend on it.</summary>
    public Tensor? OutputGradient(int index) =>
        index < op.Outputs.Count && op.Outputs[index].Length > 0 ? gradients.Find(op.Outputs[index]) : null;

    /// <summary>Whether the gradient of an input is wanted.</summary>
    public bool Needs(int index) => op.HasInput(index) && active.Contains(op.Inputs[index]);

    /// <summary>Adds to the gradient of an input.</summary>
    public void Accumulate(int index, Tensor gradient)
    {
        if (!gradient.Shape.Equals(Input(index).Shape))
        {
            throw new InvalidOperationException($"the gradient of {Input(index)} cannot be {gradient}: the rule of {op} is wrong");
        }
        gradients.Add(op.Inputs[index], gradient);
    }

    /// <summary>The contents of an integer input, known beforehand; null where it is left out.</summary>
    /// <exception cref="DifferentiationException">They depend on what the network is fed.</exception>
    public long[]? Integers(int index)
    {
        if (!op.HasInput(index))
        {
            return null;
        }
        Constant value = draft.ValueOf(op.Inputs[index])
            ?? throw Error($"input {index} ({op.Inputs[index]}) depends on what the network is fed");
        return value.Tensor.Type == ElementType.Int32
            ? [.. value.AsSpan<int>().ToArray().Select(v => (long)v)]
            : value.AsSpan<long>().ToArray();
    }

    /// <summary>Integers that older operator sets have as an attribute and newer ones as an input; null where left out.</summary>
    public long[]? AttributeOrInput(string attribute, int input) =>
        op.GetInts(attribute) is { } values ? [.. values] : Integers(input);

    /// <summary>An axis attribute, counted from the front.</summary>
    public int Axis(string attribute, long defaultValue, int rank)
    {
        long axis = op.GetInt(attribute, defaultValue);
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>A failure that names the operator.</summary>
    public DifferentiationException Error(string problem) => new(op, problem);
}
