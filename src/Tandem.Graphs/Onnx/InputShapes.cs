using System.Globalization;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Onnx;

/// <summary>
/// Makes a model's declared inputs static: an open batch dimension becomes 1, every other open one must be given.
/// </summary>
internal sealed class InputShapes(IReadOnlyDictionary<string, IReadOnlyList<long>>? given)
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long>> _given =
        given ?? new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>The input with a static shape.</summary>
    /// <exception cref="InvalidModelException">Its type or shape is not known, or what is given contradicts the model.</exception>
    public Tensor Resolve(ValueInfoProto input)
    {
        TypeProto.Types.Tensor type = input.Type?.TensorType
            ?? throw new InvalidModelException($"input '{input.Name}' is no tensor, and Tandem feeds tensors only");
        ElementType elementType = TensorReader.SupportedType(type.ElemType, input.Name);
        IReadOnlyList<long>? wanted = _given.GetValueOrDefault(input.Name);
        if (type.Shape is null)
        {
            return new Tensor(input.Name, elementType, Checked(input.Name, wanted ?? throw Unknown(input.Name, null)));
        }
        if (wanted is not null && wanted.Count != type.Shape.Dim.Count)
        {
            throw new InvalidModelException(
                $"input '{input.Name}' has {type.Shape.Dim.Count} dimensions in the model, not {wanted.Count} as in the shape given");
        }
        long[] dimensions = [.. type.Shape.Dim.Select((d, axis) => Dimension(input, d, axis, wanted))];
        return new Tensor(input.Name, elementType, Checked(input.Name, dimensions));
    }

    /// <summary>Refuses shapes that were given for inputs that the model does not have.</summary>
    /// <exception cref="InvalidModelException">A name is no input.</exception>
    public void CheckNames(IReadOnlyList<Tensor> inputs)
    {
        string? unknown = _given.Keys.FirstOrDefault(name => inputs.All(i => i.Name != name));
        if (unknown is not null)
        {
            throw new InvalidModelException(
                $"a shape is given for '{unknown}', but the model's inputs are {string.Join(", ", inputs.Select(i => $"'{i.Name}'"))}");
        }
    }

    private static long Dimension(
        ValueInfoProto input, TensorShapeProto.Types.Dimension declared, int axis, IReadOnlyList<long>? wanted)
    {
        // Some exporters write 0 or -1 for an open dimension instead of a symbol.
        bool isFixed = declared.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && declared.DimValue > 0;
        if (wanted is not null)
        {
            return !isFixed || wanted[axis] == declared.DimValue
                ? wanted[axis]
                : throw new InvalidModelException(
                    $"dimension {axis} of input '{input.Name}' is fixed to {declared.DimValue} by the model; {wanted[axis]} is given");
        }
        return isFixed ? declared.DimValue : axis == 0 ? 1 : throw Unknown(input.Name, input.Type.TensorType.Shape);
    }

    private static Shape Checked(string name, IReadOnlyList<long> dimensions)
    {
        long count = 1;
        foreach (long dimension in dimensions)
        {
            if (dimension < 1 || count > TensorReader.MaximumElements / dimension)
            {
                throw new InvalidModelException(
                    $"the shape [{string.Join(',', dimensions)}] of input '{name}' is not possible: " +
                    "every dimension must be at least 1 and the whole must fit into memory");
            }
            count *= dimension;
        }
        return new Shape([.. dimensions]);
    }

    private static InvalidModelException Unknown(string name, TensorShapeProto? shape)
    {
        string declared = shape is null ? "no shape" : "the open shape [" + string.Join(',', shape.Dim.Select(Text)) + "]";
        string example = shape is { Dim.Count: not 4 and > 0 }
            ? string.Join(',', shape.Dim.Select(d => d.DimValue > 0 ? Text(d) : "1"))
            : "1,3,224,224";
        return new InvalidModelException(
            $"input '{name}' has {declared} in the model; give one, for example --input-shape {name}={example}");
    }

    private static string Text(TensorShapeProto.Types.Dimension dimension) =>
        dimension.DimValue > 0 ? dimension.DimValue.ToString(CultureInfo.InvariantCulture)
        : dimension.DimParam.Length > 0 ? dimension.DimParam : "?";
}
