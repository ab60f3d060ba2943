namespace Tandem.Graphs.Tests.Slicing.Reference;

/// <summary>Runs a graph operator by operator, slowly and plainly: what slices are compared with.</summary>
internal static class Interpreter
{
    private static readonly Dictionary<string, IReferenceOperator> Operators = Index(
        new ReferenceConvolution(), new ReferenceTransposedConvolution(), new ReferenceMatrixProduct(),
        new ReferencePooling(),
        new ReferenceGlobalPooling(), new ReferenceUnary(), new ReferenceBinary(), new ReferenceNormalization(),
        new ReferenceLayout(), new ReferenceConcatenation(), new ReferenceSlice(), new ReferenceSplit(),
        new ReferencePad(),
        new ReferenceResize(), new ReferenceSoftmax(), new ReferenceMean());

    /// <summary>The contents of every float tensor of the graph.</summary>
    public static Dictionary<string, float[]> Run(Graph graph, IReadOnlyDictionary<string, float[]> inputs)
    {
        var values = new Dictionary<string, float[]>(inputs);
        foreach (Constant constant in graph.Constants.Values.Where(c => c.Tensor.Type == ElementType.Float32))
        {
            values[constant.Tensor.Name] = constant.AsSpan<float>().ToArray();
        }
        foreach (Operator op in graph.Operators)
        {
            float[][] outputs = Operators[op.Type].Run(new ReferenceCall(graph, op, values));
            for (int i = 0; i < op.Outputs.Count; i++)
            {
                values[op.Outputs[i]] = outputs[i];
            }
        }
        return values;
    }

    private static Dictionary<string, IReferenceOperator> Index(params IReferenceOperator[] operators) =>
        operators.SelectMany(o => o.Types.Select(t => (t, o))).ToDictionary(p => p.t, p => p.o);
}
