using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A slice with its session.</summary>
internal sealed class OrtCompiledSlice : ICompiledSlice
{
    private readonly string _processor;
    private readonly IReadOnlyList<string> _outputNames;
    private readonly InferenceSession _session;

    /// <summary>Takes ownership of the session.</summary>
    public OrtCompiledSlice(string processor, Graph graph, IReadOnlyList<string> outputNames, InferenceSession session)
    {
        _processor = processor;
        Graph = graph;
        _outputNames = outputNames;
        _session = session;
    }

    /// <inheritdoc/>
    public Graph Graph { get; }

    /// <inheritdoc/>
    public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
    {
        SliceViews.Check(Graph, inputs, outputs);
        return new OrtBoundSlice(_processor, Graph, _outputNames, _session, inputs, outputs);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
