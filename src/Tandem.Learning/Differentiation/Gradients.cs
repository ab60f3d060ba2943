using Tandem.Graphs;

namespace Tandem.Learning.Differentiation;

/// <summary>The gradients found so far, by tensor; what comes in from several consumers is added up.</summary>
internal sealed class Gradients(GraphDraft draft)
{
    private readonly Dictionary<string, Tensor> _gradients = [];

    /// <summary>The gradient of a tensor; null where the loss does not depend on it.</summary>
    public Tensor? Find(string tensor) => _gradients.GetValueOrDefault(tensor);

    /// <summary>Adds to the gradient of a tensor.</summary>
    public void Add(string tensor, Tensor gradient) =>
        _gradients[tensor] = _gradients.TryGetValue(tensor, out Tensor? present) ? draft.Add(present, gradient) : gradient;
}
