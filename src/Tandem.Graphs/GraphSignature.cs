using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tandem.Graphs;

/// <summary>A short name for what a graph does, equal for graphs that take the same work.</summary>
/// <remarks>
/// It depends on operator types, attributes, wiring, element types, shapes and the contents of integer constants (which act
/// as shapes and axes), in the order of the operators. It does not depend on any names, nor on the contents of
/// floating-point constants. Stored measurements are found by it: what is hashed, and how, never changes without a new
/// <see cref="Version"/>.
/// </remarks>
public static class GraphSignature
{
    /// <summary>Counts changes of what is hashed; part of every signature.</summary>
    private const int Version = 1;

    private const int SignatureBytes = 8;

    /// <summary>Types whose default axis and meaning changed at opset 13.</summary>
    private static readonly string[] ChangedByOpset13 = ["Softmax", "LogSoftmax", "Hardmax"];

    /// <summary>The signature: 16 hexadecimal digits, the beginning of a SHA-256.</summary>
    public static string Of(Graph graph)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        new Description(hash, graph).AddGraph();
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, SignatureBytes));
    }

    /// <summary>Feeds a graph to a hash, with a length before each list, so that no two graphs look alike.</summary>
    private sealed class Description(IncrementalHash hash, Graph graph)
    {
        // Tensors are numbered as they come; so names do not matter.
        private readonly Dictionary<string, int> _numbers = [];

        public void AddGraph()
        {
            Add(Version);
            Add(graph.Inputs.Count);
            foreach (Tensor input in graph.Inputs)
            {
                AddTensor(input.Name);
            }
            Add(graph.Operators.Count);
            foreach (Operator op in graph.Operators)
            {
                AddOperator(op);
            }
            Add(graph.Outputs.Count);
            foreach (Tensor output in graph.Outputs)
            {
                AddTensor(output.Name);
            }
        }

        private void AddOperator(Operator op)
        {
            Add(op.Domain);
            Add(op.Type);
            Add(ChangedByOpset13.Contains(op.Type) && graph.Opset >= 13 ? 1 : 0);
            Add(op.Inputs.Count);
            foreach (string input in op.Inputs)
            {
                AddTensor(input);
            }
            Add(op.Attributes.Count);
            foreach ((string name, AttributeValue value) in op.Attributes.OrderBy(a => a.Key, StringComparer.Ordinal))
            {
                Add(name);
                AddAttribute(value);
            }
            Add(op.Outputs.Count);
            foreach (string output in op.Outputs)
            {
                AddTensor(output);
            }
        }

        private void AddTensor(string name)
        {
            if (name.Length == 0)
            {
                Add(-1);
                return;
            }
            if (_numbers.TryGetValue(name, out int number))
            {
                Add(number);
                return;
            }
            _numbers[name] = _numbers.Count;
            Add(_numbers.Count - 1);
            Tensor tensor = graph.Tensors[name];
            AddTypeAndShape(tensor);
            if (graph.Constants.TryGetValue(name, out Constant? constant))
            {
                Add("constant");
                AddContents(constant);
            }
        }

        private void AddTypeAndShape(Tensor tensor)
        {
            Add((int)tensor.Type);
            Add(tensor.Shape.Rank);
            foreach (long dimension in tensor.Shape)
            {
                Add(dimension);
            }
        }

        private void AddContents(Constant constant)
        {
            bool isFloat = constant.Tensor.Type is ElementType.Float32 or ElementType.Float16 or ElementType.Float64;
            if (!isFloat)
            {
                hash.AppendData(constant.Data.Span);
            }
        }

        private void AddAttribute(AttributeValue value)
        {
            Add(value.GetType().Name);
            switch (value)
            {
                case AttributeValue.Int number:
                    Add(number.Value);
                    break;
                case AttributeValue.Float number:
                    Add(BitConverter.SingleToInt32Bits(number.Value));
                    break;
                case AttributeValue.Text text:
                    Add(text.Value);
                    break;
                case AttributeValue.TensorValue tensor:
                    AddTypeAndShape(tensor.Value.Tensor);
                    AddContents(tensor.Value);
                    break;
                case AttributeValue.Ints list:
                    AddList(list.Values, Add);
                    break;
                case AttributeValue.Floats list:
                    AddList(list.Values, number => Add(BitConverter.SingleToInt32Bits(number)));
                    break;
                case AttributeValue.Texts list:
                    AddList(list.Values, Add);
                    break;
            }
        }

        private void AddList<T>(IReadOnlyList<T> values, Action<T> add)
        {
            Add(values.Count);
            foreach (T value in values)
            {
                add(value);
            }
        }

        private void Add(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Add(bytes.Length);
            hash.AppendData(bytes);
        }

        private void Add(long number)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }
}
