using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>
/// A graph as a model without its large weights, which sessions read where they are. In the model they would be copied three times on the
/// way: into its bytes, out of these, and from there into the session.
/// </summary>
internal sealed class ExternalWeights : IDisposable
{
    private readonly Constant[] _constants;
    private readonly OrtValue[] _values;
    private byte[]? _model;

    /// <summary>Makes the model.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isExternal">Which constants the model only refers to.</param>
    public ExternalWeights(Graph graph, Predicate<Constant> isExternal)
    {
        _constants = [.. graph.Constants.Values.Where(c => isExternal(c))];
        _values = [.. _constants.Select(ToValue)];
        _model = OnnxFile.Serialize(graph, isExternal);
    }

    /// <summary>A session of the model, which must not be used once this object is disposed. Opened once: the model's bytes are kept until then only.</summary>
    /// <exception cref="InvalidOperationException">It was opened before.</exception>
    public InferenceSession Open(SessionOptions options)
    {
        byte[] model = _model ?? throw new InvalidOperationException("this model was opened before");
        _model = null;
        if (_constants.Length > 0)
        {
            options.AddExternalInitializers([.. _constants.Select(c => c.Tensor.Name)], _values);
        }
        return new InferenceSession(model, options);
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose()
    {
        foreach (OrtValue value in _values)
        {
            value.Dispose();
        }
    }

    private static OrtValue ToValue(Constant constant) => OrtValue.CreateTensorValueFromBytes(
        MemoryMarshal.AsMemory(constant.Data), constant.Tensor.Type.ToTensorElementType(), [.. constant.Tensor.Shape]);
}
