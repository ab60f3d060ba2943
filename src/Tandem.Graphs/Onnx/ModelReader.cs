using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Onnx;

/// <summary>Turns a parsed model into a <see cref="Graph"/>, refusing what the product cannot run.</summary>
internal static class ModelReader
{
    private const int OldestOpset = 7;
    private const int NewestOpset = 21;

    /// <summary>The graph of a model.</summary>
    /// <param name="model">The parsed file.</param>
    /// <param name="name">What to call the network.</param>
    /// <param name="inputShapes">Shapes by input name, for inputs whose shape the model leaves open.</param>
    /// <exception cref="InvalidModelException">The model is incomplete, or uses what is not supported.</exception>
    public static Graph Read(ModelProto model, string name, IReadOnlyDictionary<string, IReadOnlyList<long>>? inputShapes)
    {
        GraphProto graph = model.Graph
            ?? throw new InvalidModelException("it holds no graph; it is no ONNX model, or it is truncated");
        IReadOnlyDictionary<string, int> opsets = ReadOpsets(model);
        if (model.Functions.Count > 0)
        {
            throw new InvalidModelException(
                $"the model defines its own operator '{model.Functions[0].Name}'; inline its functions when exporting it");
        }
        Dictionary<string, Constant> constants = ReadConstants(graph);
        var shapes = new InputShapes(inputShapes);
        List<Tensor> inputs = [.. graph.Input.Where(i => !constants.ContainsKey(i.Name)).Select(shapes.Resolve)];
        shapes.CheckNames(inputs);
        if (graph.Output.Count == 0)
        {
            throw new InvalidModelException("the model has no outputs; the file is truncated or damaged");
        }
        return new Graph(
            name, opsets, inputs, [.. graph.Output.Select(o => o.Name)], ReadOperators(graph), constants.Values)
        {
            // A key that is there twice is refused by no runtime; the last counts.
            Metadata = model.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(same => same.Key, same => same.Last().Value),
        };
    }

    private static Dictionary<string, int> ReadOpsets(ModelProto model)
    {
        var opsets = new Dictionary<string, int>();
        foreach (OperatorSetIdProto import in model.OpsetImport)
        {
            string domain = StandardDomain(import.Domain);
            bool isSupported = domain.Length == 0
                ? import.Version is >= OldestOpset and <= NewestOpset
                : import.Version is >= 1 and <= int.MaxValue;
            if (!isSupported)
            {
                throw new InvalidModelException(
                    $"the model uses version {import.Version} of the operator set '{(domain.Length == 0 ? "ai.onnx" : domain)}'; " +
                    $"Tandem reads versions {OldestOpset} to {NewestOpset} of ai.onnx: convert the model (onnx.version_converter)");
            }
            opsets[domain] = (int)import.Version;
        }
        return opsets.ContainsKey("")
            ? opsets
            : throw new InvalidModelException(
                "the model does not say which version of the ONNX operators it uses; it is no ONNX model, or it is truncated");
    }

    private static Dictionary<string, Constant> ReadConstants(GraphProto graph)
    {
        if (graph.SparseInitializer.Count > 0)
        {
            throw new InvalidModelException(
                $"initializer '{graph.SparseInitializer[0].Values?.Name}' is sparse, which Tandem does not read; store it densely");
        }
        var constants = new Dictionary<string, Constant>(graph.Initializer.Count);
        foreach (TensorProto proto in graph.Initializer)
        {
            Constant constant = TensorReader.Read(proto, proto.Name);
            NumberCheck.RequireFinite(constant, $"initializer '{proto.Name}'");
            if (!constants.TryAdd(proto.Name, constant))
            {
                throw new InvalidModelException($"initializer '{proto.Name}' is there twice; the file is damaged");
            }
        }
        return constants;
    }

    private static List<Operator> ReadOperators(GraphProto graph)
    {
        HashSet<string> names = [.. graph.Node.Select(n => n.Name)];
        HashSet<string> used = [];
        var operators = new List<Operator>(graph.Node.Count);
        foreach (NodeProto node in graph.Node)
        {
            string name = node.Name;
            for (int i = operators.Count; name.Length == 0 || used.Contains(name); i++)
            {
                string candidate = $"{node.OpType}_{i}";
                name = names.Contains(candidate) ? "" : candidate;
            }
            used.Add(name);
            operators.Add(ReadOperator(node, name));
        }
        return operators;
    }

    private static Operator ReadOperator(NodeProto node, string name)
    {
        var attributes = new Dictionary<string, AttributeValue>(node.Attribute.Count);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (AttributeConversion.IsGraph(attribute))
            {
                throw new InvalidModelException(
                    $"operator '{name}' ({node.OpType}) runs a graph of its own (control flow), which Tandem does not support; " +
                    "export the model without it");
            }
            attributes[attribute.Name] = AttributeConversion.Read(attribute, name);
            if (attributes[attribute.Name] is AttributeValue.TensorValue tensor)
            {
                NumberCheck.RequireFinite(tensor.Value, $"operator '{name}' ({node.OpType})");
            }
        }
        return new Operator(name, node.OpType, [.. node.Input], [.. node.Output], attributes, StandardDomain(node.Domain));
    }

    private static string StandardDomain(string domain) => domain == "ai.onnx" ? "" : domain;
}
