using System.Runtime.InteropServices;

namespace Tandem.Graphs;

/// <summary>Changes of the element type that a network computes in.</summary>
public static class Precision
{
    /// <summary>
    /// The network with all computing in float32 instead of float16: weights are widened (which changes no value), and inputs
    /// and outputs keep their types by a Cast at each. A network without float16 is returned as it is.
    /// </summary>
    public static Graph WidenToFloat32(Graph graph)
    {
        if (graph.Tensors.Values.All(t => t.Type != ElementType.Float16))
        {
            return graph;
        }
        var wide = new WideNames(graph);
        List<Operator> operators = [];
        operators.AddRange(graph.Inputs.Where(IsNarrow).Select(input =>
            Cast(input.Name, wide[input.Name], ElementType.Float32)));
        operators.AddRange(graph.Operators.Select(op => op.With(
            inputs: [.. op.Inputs.Select(name => wide[name])],
            outputs: [.. op.Outputs.Select(name => wide[name])],
            attributes: op.Attributes.ToDictionary(a => a.Key, a => Widen(op, a.Key, a.Value)))));
        operators.AddRange(graph.Outputs.Where(o => IsNarrow(o) && !graph.Inputs.Contains(o))
            .Select(output => Cast(wide[output.Name], output.Name, ElementType.Float16)));
        return new Graph(
            graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(o => o.Name)], operators,
            graph.Constants.Values.Select(c => Widen(c, wide[c.Tensor.Name])))
        {
            Metadata = graph.Metadata,
        };
    }

    private static bool IsNarrow(Tensor tensor) => tensor.Type == ElementType.Float16;

    private static Operator Cast(string from, string to, ElementType type) => new(
        $"Cast to {to}", "Cast", [from], [to],
        new Dictionary<string, AttributeValue> { ["to"] = new AttributeValue.Int((long)type) });

    private static AttributeValue Widen(Operator op, string name, AttributeValue value) => value switch
    {
        AttributeValue.TensorValue tensor => new AttributeValue.TensorValue(Widen(tensor.Value, tensor.Value.Tensor.Name)),
        AttributeValue.Int { Value: (long)ElementType.Float16 } when op.Type == "Cast" && name == "to" =>
            new AttributeValue.Int((long)ElementType.Float32),
        _ => value,
    };

    private static Constant Widen(Constant constant, string name)
    {
        if (!IsNarrow(constant.Tensor))
        {
            return constant;
        }
        ReadOnlySpan<Half> narrow = constant.AsSpan<Half>();
        byte[] wide = new byte[narrow.Length * sizeof(float)];
        Span<float> elements = MemoryMarshal.Cast<byte, float>(wide.AsSpan());
        for (int i = 0; i < narrow.Length; i++)
        {
            elements[i] = (float)narrow[i];
        }
        return new Constant(new Tensor(name, ElementType.Float32, constant.Tensor.Shape), wide);
    }

    /// <summary>New names for the float16 tensors that the caller sees; all others keep theirs.</summary>
    private sealed class WideNames
    {
        private readonly Dictionary<string, string> _names = [];

        public WideNames(Graph graph)
        {
            foreach (Tensor tensor in graph.Inputs.Concat(graph.Outputs).Where(IsNarrow))
            {
                string name = tensor.Name + "_float32";
                while (graph.Tensors.ContainsKey(name))
                {
                    name += "_";
                }
                _names[tensor.Name] = name;
            }
        }

        public string this[string tensor] => _names.GetValueOrDefault(tensor, tensor);
    }
}
