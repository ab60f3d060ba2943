using Google.Protobuf;
using Tandem.Graphs.Onnx.Wire;

namespace Tandem.Graphs.Onnx;

/// <summary>Reads and writes networks and tensors as ONNX files.</summary>
/// <remarks>
/// Read are models for versions 7 to 21 of the standard operators, as one file. Initializers are constants also where the file
/// lists them as inputs too. An open first dimension (the batch) becomes 1.
/// </remarks>
public static class OnnxFile
{
    private const int BufferBytes = 1 << 16;

    private static readonly MessageParser<ModelProto> Models = ModelProto.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<TensorProto> Tensors = TensorProto.Parser.WithDiscardUnknownFields(true);

    /// <summary>Reads a network from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputShapes">Shapes by input name, for inputs whose shape the model leaves open.</param>
    /// <exception cref="InvalidModelException">The file is no ONNX model, is damaged, or uses what is not supported.</exception>
    /// <exception cref="TandemException">The file cannot be opened.</exception>
    public static Graph Load(string path, IReadOnlyDictionary<string, IReadOnlyList<long>>? inputShapes = null) =>
        AboutFile(path, () => ModelReader.Read(Read(path, Models), Path.GetFileNameWithoutExtension(path), inputShapes));

    /// <summary>Reads a network from the bytes of an ONNX file.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="name">What to call the network.</param>
    /// <param name="inputShapes">Shapes by input name, for inputs whose shape the model leaves open.</param>
    /// <exception cref="InvalidModelException">They are no ONNX model, are damaged, or use what is not supported.</exception>
    public static Graph Parse(
        ReadOnlySpan<byte> bytes, string name, IReadOnlyDictionary<string, IReadOnlyList<long>>? inputShapes = null)
    {
        if (bytes.IsEmpty)
        {
            throw new InvalidModelException("it is empty");
        }
        try
        {
            return ModelReader.Read(Models.ParseFrom(bytes), name, inputShapes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelException("it is no ONNX model, or it is truncated", e);
        }
    }

    /// <summary>The bytes of an ONNX file that holds the network.</summary>
    /// <exception cref="TandemException">The network is larger than the two gigabytes that the format allows.</exception>
    public static byte[] Serialize(Graph graph) => ModelWriter.Write(graph).ToByteArray();

    /// <summary>
    /// The bytes of a model that refers to some constants by name (ONNX's external data, in a file "weights" that does not exist): whoever
    /// loads it gives their contents beside it.
    /// </summary>
    /// <param name="graph">The network.</param>
    /// <param name="isExternal">Which constants the model only refers to.</param>
    /// <exception cref="TandemException">The rest is larger than the two gigabytes that the format allows.</exception>
    public static byte[] Serialize(Graph graph, Predicate<Constant> isExternal) =>
        ModelWriter.Write(graph, isExternal).ToByteArray();

    /// <summary>Writes a network to a file, which is replaced only when all is written.</summary>
    /// <exception cref="TandemException">The file cannot be written, or the network is larger than the format allows.</exception>
    public static void Save(Graph graph, string path)
    {
        ModelProto model = ModelWriter.Write(graph);
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = File.Create(unfinished, BufferBytes))
            {
                model.WriteTo(stream);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TandemException($"cannot write '{path}': {e.Message}", e);
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }

    /// <summary>Reads one tensor from a file, such as a test's expected output (a serialized TensorProto).</summary>
    /// <exception cref="InvalidModelException">The file holds no tensor, or is damaged.</exception>
    /// <exception cref="TandemException">The file cannot be opened.</exception>
    public static Constant LoadTensor(string path) => AboutFile(path, () => ToConstant(Read(path, Tensors)));

    /// <summary>Reads one tensor from a serialized TensorProto.</summary>
    /// <exception cref="InvalidModelException">The bytes are no tensor, or are damaged.</exception>
    public static Constant ParseTensor(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return ToConstant(Tensors.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelException("it is no ONNX tensor, or it is truncated", e);
        }
    }

    private static Constant ToConstant(TensorProto proto) => proto.DataType == 0
        ? throw new InvalidModelException("it is no ONNX tensor, or it is truncated")
        : TensorReader.Read(proto, proto.Name);

    private static T Read<T>(string path, MessageParser<T> parser) where T : IMessage<T>
    {
        if (Directory.Exists(path))
        {
            throw new InvalidModelException("it is a directory; name the file in it");
        }
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
            if (!stream.CanSeek)
            {
                return parser.ParseFrom(stream);
            }
            if (stream.Length is 0 or > int.MaxValue)
            {
                throw new InvalidModelException(stream.Length == 0 ? "it is empty" : "it is larger than 2 GiB, as no ONNX file is");
            }
            using var file = new MappedFile(stream);
            return parser.ParseFrom(file.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidModelException("it is no ONNX file, or it is truncated", e);
        }
    }

    private static T AboutFile<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidModelException e)
        {
            throw e.In($"'{path}'");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TandemException($"there is no file '{path}'; check the path", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TandemException($"cannot read '{path}': {e.Message}", e);
        }
    }
}
