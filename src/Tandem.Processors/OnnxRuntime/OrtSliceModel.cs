using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A slice as an ONNX model that can be bound.</summary>
/// <param name="Weights">The model, and the weights beside it.</param>
/// <param name="OutputNames">The model's name for each output of the slice, in order.</param>
internal sealed record OrtSliceModel(ExternalWeights Weights, IReadOnlyList<string> OutputNames)
{
    /// <summary>Makes the model of a slice.</summary>
    /// <remarks>
    /// An output that no operator makes (an input or a constant passed on), or that is wanted twice, gets an Identity
    /// operator: a binding needs a value of its own for each output.
    /// </remarks>
    public static OrtSliceModel Of(Graph slice)
    {
        List<Operator> copies = [];
        List<string> outputs = [];
        foreach (Tensor output in slice.Outputs)
        {
            bool isOwn = slice.Producer(output.Name) is not null && !outputs.Contains(output.Name);
            string name = isOwn ? output.Name : $"{output.Name}/copy{copies.Count}";
            if (!isOwn)
            {
                copies.Add(new Operator(name, "Identity", [output.Name], [name]));
            }
            outputs.Add(name);
        }
        Graph model = copies.Count == 0
            ? slice
            : new Graph(slice.Name, slice.Opsets, slice.Inputs, outputs, [.. slice.Operators, .. copies], slice.Constants.Values);
        return new OrtSliceModel(new ExternalWeights(model, MappedWeights.IsMapped), outputs);
    }
}
