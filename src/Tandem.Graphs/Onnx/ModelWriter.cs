using Google.Protobuf;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Onnx;

/// <summary>Turns a graph into an ONNX model; the contents of its constants are referred to, not copied.</summary>
internal static class ModelWriter
{
    /// <summary>
    /// From this version of the intermediate representation on, initializers need not be listed as inputs, and those that are
    /// not cannot be overridden, so that runtimes may fold them.
    /// </summary>
    private const int FirstIrWithPlainInitializers = 4;

    /// <summary>The IR version that was released with each version of the operator set, from opset 9 on.</summary>
    private static readonly int[] IrOfOpset = [4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 9, 9, 10];

    /// <summary>The model of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isExternal">Of which constants the model holds type and shape only; null for none.</param>
    /// <exception cref="TandemException">The model is larger than the two gigabytes that the format allows.</exception>
    public static ModelProto Write(Graph graph, Predicate<Constant>? isExternal = null)
    {
        long size = graph.Constants.Values.Sum(c => isExternal?.Invoke(c) == true ? 0 : (long)c.Data.Length);
        if (size > int.MaxValue - (1 << 20))
        {
            throw new TandemException(
                $"network '{graph.Name}' has {size >> 20} MiB of weights; an ONNX file holds at most 2 GiB");
        }
        var model = new ModelProto
        {
            IrVersion = IrVersion(graph.Opset),
            ProducerName = "Tandem",
            Graph = new GraphProto { Name = graph.Name },
        };
        foreach ((string domain, int version) in graph.Opsets.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
        foreach (string domain in graph.Operators.Select(o => o.Domain).Distinct().Where(d => !graph.Opsets.ContainsKey(d)))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = 1 });
        }
        model.MetadataProps.AddRange(graph.Metadata
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        model.Graph.Input.AddRange(graph.Inputs.Select(WriteValue));
        model.Graph.Output.AddRange(graph.Outputs.Select(WriteValue));
        model.Graph.Initializer.AddRange(graph.Constants.Values.Select(
            c => isExternal?.Invoke(c) == true ? WriteReference(c.Tensor) : WriteTensor(c, c.Tensor.Name)));
        model.Graph.Node.AddRange(graph.Operators.Select(WriteOperator));
        return model;
    }

    /// <summary>The wire form of a constant, under the given name.</summary>
    public static TensorProto WriteTensor(Constant constant, string name)
    {
        var proto = new TensorProto
        {
            Name = name,
            DataType = (int)constant.Tensor.Type,
            // Constants are immutable, so that the bytes can be shared.
            RawData = UnsafeByteOperations.UnsafeWrap(constant.Data),
        };
        proto.Dims.AddRange(constant.Tensor.Shape);
        return proto;
    }

    /// <summary>A tensor whose contents whoever loads the model gives beside it.</summary>
    private static TensorProto WriteReference(Tensor tensor)
    {
        var proto = new TensorProto
        {
            Name = tensor.Name,
            DataType = (int)tensor.Type,
            DataLocation = TensorProto.Types.DataLocation.External,
        };
        proto.Dims.AddRange(tensor.Shape);
        proto.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights" });
        return proto;
    }

    private static int IrVersion(int opset) =>
        opset < 9 ? FirstIrWithPlainInitializers : IrOfOpset[Math.Min(opset - 9, IrOfOpset.Length - 1)];

    private static NodeProto WriteOperator(Operator op)
    {
        var node = new NodeProto { Name = op.Name, OpType = op.Type, Domain = op.Domain };
        node.Input.AddRange(op.Inputs);
        node.Output.AddRange(op.Outputs);
        node.Attribute.AddRange(op.Attributes.Select(a => AttributeConversion.Write(a.Key, a.Value)));
        return node;
    }

    private static ValueInfoProto WriteValue(Tensor tensor)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(tensor.Shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        var type = new TypeProto.Types.Tensor { ElemType = (int)tensor.Type, Shape = shape };
        return new ValueInfoProto { Name = tensor.Name, Type = new TypeProto { TensorType = type } };
    }
}
