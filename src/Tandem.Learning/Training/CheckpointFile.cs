using System.Security.Cryptography;
using System.Text;
using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>Checkpoints as files: a header, the tensors, and behind them the SHA-256 of all that.</summary>
public static class CheckpointFile
{
    private const string Magic = "Tandem checkpoint 1";

    /// <summary>Writes a checkpoint; an older file is replaced only when all is written and has reached the disk.</summary>
    /// <exception cref="TrainingException">The file cannot be written.</exception>
    public static void Save(Checkpoint checkpoint, string path)
    {
        string unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = File.Create(unfinished))
            {
                byte[] contents = Serialize(checkpoint);
                stream.Write(contents);
                stream.Write(SHA256.HashData(contents));
                stream.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrainingException($"cannot write checkpoint '{path}': {e.Message}", e);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="TrainingException">The file cannot be read, is no checkpoint, or is damaged.</exception>
    public static Checkpoint Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new TrainingException($"cannot read checkpoint '{path}': {e.Message}", e);
        }
        int length = bytes.Length - SHA256.HashSizeInBytes;
        if (length < 0 || !SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)))
        {
            throw new TrainingException($"'{path}' is no checkpoint, or it is damaged; use an older one or begin anew");
        }
        using var reader = new BinaryReader(new MemoryStream(bytes, 0, length), Encoding.UTF8);
        return reader.ReadString() == Magic
            ? Read(reader)
            : throw new TrainingException($"'{path}' is a checkpoint of another version; begin training anew");
    }

    private static byte[] Serialize(Checkpoint checkpoint)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(checkpoint.Network);
        writer.Write(checkpoint.Steps);
        writer.Write(checkpoint.RandomState.Length);
        writer.Write(checkpoint.RandomState.Span);
        writer.Write(checkpoint.Tensors.Count);
        foreach (Constant tensor in checkpoint.Tensors)
        {
            writer.Write(tensor.Tensor.Name);
            writer.Write((int)tensor.Tensor.Type);
            writer.Write(tensor.Tensor.Shape.Rank);
            foreach (long dimension in tensor.Tensor.Shape)
            {
                writer.Write(dimension);
            }
            writer.Write(tensor.Data.Span);
        }
        writer.Flush();
        return stream.ToArray();
    }

    private static Checkpoint Read(BinaryReader reader)
    {
        string network = reader.ReadString();
        long steps = reader.ReadInt64();
        byte[] randomState = reader.ReadBytes(reader.ReadInt32());
        Constant[] tensors = new Constant[reader.ReadInt32()];
        for (int i = 0; i < tensors.Length; i++)
        {
            string name = reader.ReadString();
            var type = (ElementType)reader.ReadInt32();
            long[] dimensions = new long[reader.ReadInt32()];
            for (int axis = 0; axis < dimensions.Length; axis++)
            {
                dimensions[axis] = reader.ReadInt64();
            }
            var tensor = new Tensor(name, type, new Shape(dimensions));
            tensors[i] = new Constant(tensor, reader.ReadBytes(checked((int)tensor.SizeInBytes)));
        }
        return new Checkpoint(network, steps, randomState, tensors);
    }
}
