using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>The inputs and outputs of a session's network by name: what they are, and what a caller gives checked against that.</summary>
internal sealed class SessionValues
{
    private readonly Graph _graph;
    private readonly string[] _outputNames;
    private readonly long[][] _outputShapes;

    public SessionValues(Graph graph)
    {
        _graph = graph;
        _outputNames = [.. graph.Outputs.Select(o => o.Name)];
        _outputShapes = [.. graph.Outputs.Select(o => (long[])[.. o.Shape])];
        InputNames = [.. graph.Inputs.Select(i => i.Name)];
        InputMetadata = graph.Inputs.ToDictionary(i => i.Name).AsReadOnly();
        OutputMetadata = graph.Outputs.DistinctBy(o => o.Name).ToDictionary(o => o.Name).AsReadOnly();
    }

    /// <summary>Names of the inputs, in the model's order.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames => _outputNames;

    /// <summary>Type and shape of each input by name.</summary>
    public IReadOnlyDictionary<string, Tensor> InputMetadata { get; }

    /// <summary>Type and shape of each output by name.</summary>
    public IReadOnlyDictionary<string, Tensor> OutputMetadata { get; }

    /// <summary>An inference of these values. Allocates nothing where the names are an array or a list.</summary>
    /// <exception cref="InputException">An input or output is missing, unknown, or of another type or shape.</exception>
    public SessionRequest Request(
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputNames, IReadOnlyList<OrtValue> outputs)
    {
        InputCheck.Require(_graph, inputs);
        if (outputs.Count != outputNames.Count)
        {
            throw new InputException($"{outputNames.Count} outputs are named, but {outputs.Count} values are given for them");
        }
        IReadOnlyList<string> names = Listed(outputNames);
        for (int i = 0; i < names.Count; i++)
        {
            InputCheck.RequireFit(_graph.Outputs[FindOutput(names[i])], outputs[i], "output");
        }
        return new SessionRequest(_graph, inputs, names, outputs);
    }

    /// <summary>Values for these outputs; the caller disposes them. Allocates nothing else.</summary>
    /// <exception cref="InputException">The model has no output of one of the names.</exception>
    public OrtValue[] NewOutputs(IReadOnlyCollection<string> outputNames)
    {
        IReadOnlyList<string> names = Listed(outputNames);
        var outputs = new OrtValue[names.Count];
        try
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                int index = FindOutput(names[i]);
                outputs[i] = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)_graph.Outputs[index].Type, _outputShapes[index]);
            }
            return outputs;
        }
        catch
        {
            Discard(outputs);
            throw;
        }
    }

    /// <summary>Disposes values that no caller gets, because their inference failed.</summary>
    public static void Discard(OrtValue?[] outputs) => Array.ForEach(outputs, static output => output?.Dispose());

    private static IReadOnlyList<string> Listed(IReadOnlyCollection<string> names) => names as IReadOnlyList<string> ?? [.. names];

    private int FindOutput(string name)
    {
        int index = Array.IndexOf(_outputNames, name);
        return index >= 0
            ? index
            : throw new InputException($"the model has no output '{name}': it has {string.Join(", ", OutputNames)}");
    }
}
