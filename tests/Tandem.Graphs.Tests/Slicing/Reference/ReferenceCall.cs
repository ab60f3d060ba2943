using Tandem.Graphs.Inference;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>One run of an operator: its inputs' contents and all shapes.</summary>
internal sealed class ReferenceCall(Graph graph, Operator op, IReadOnlyDictionary<string, float[]> values)
{
    public Operator Operator => op;

    public int Opset => graph.Opset;

    public int InputCount => op.Inputs.Count;

    public Shape OutputShape(int index = 0) => graph.Tensors[op.Outputs[index]].Shape;

    public Shape InputShape(int index = 0) => graph.Tensors[op.Inputs[index]].Shape;

    public bool Has(int index) => op.HasInput(index);

    public float[] Input(int index = 0) => values[op.Inputs[index]];

    public long[] Integers(int index) => graph.Constants[op.Inputs[index]].AsSpan<long>().ToArray();

    public float[] NewOutput(int index = 0) => new float[OutputShape(index).ElementCount];

    public SlidingWindow Window => SlidingWindow.Of(op, graph);

    public TransposedWindow TransposedWindow => TransposedWindow.Of(op, graph);
}
