using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A slice with its session.</summary>
internal sealed class OrtCompiledSlice : ICompiledSlice
{
    private readonly string _processor;
    private readonly OrtSliceModel _model;
    private readonly InferenceSession _session;

    /// <summary>Takes ownership of the model, which keeps the weights that the session reads in place, and of the session.</summary>
    public OrtCompiledSlice(string processor, Graph graph, OrtSliceModel model, InferenceSession session)
    {
        _processor = processor;
        Graph = graph;
        _model = model;
        _session = session;
    }

    /// <inheritdoc/>
    public Graph Graph { get; }

    /// <inheritdoc/>
    public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
    {
        SliceViews.Check(Graph, inputs, outputs);
        return new OrtBoundSlice(_processor, Graph, _model, _session, inputs, outputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _model.Weights.Dispose();
    }
}
