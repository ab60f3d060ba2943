using System.Runtime.InteropServices;

namespace Tandem.Graphs;

/// <summary>
/// Keeps the weights of a network in a file that is mapped into memory, so that the system holds in physical memory only those that
/// are being read: once every processor has packed its own copy, none.
/// </summary>
public static class MappedWeights
{
    // Smaller constants (shapes, biases) are read again and again, and together they are little.
    private const int SmallestBytes = 1 << 16;
    private const int AlignmentInBytes = 64;

    /// <summary>The same constants, the large ones in a temporary file that goes with the last of them.</summary>
    /// <remarks>
    /// Where such a file cannot be written, the constants stay as they are. Whoever takes a span of a constant's elements keeps the
    /// constant, or a graph that has it, as long as the span is used.
    /// </remarks>
    public static IReadOnlyList<Constant> Map(IEnumerable<Constant> constants)
    {
        Constant[] all = [.. constants];
        long size = all.Where(IsLarge).Sum(c => Aligned(c.Data.Length));
        if (size is 0 or > int.MaxValue)
        {
            return all;
        }
        try
        {
            Memory<byte> file = Write(all.Where(IsLarge), size).Memory;
            int offset = 0;
            return [.. all.Select(constant =>
            {
                if (!IsLarge(constant))
                {
                    return constant;
                }
                Memory<byte> data = file.Slice(offset, constant.Data.Length);
                offset += Aligned(data.Length);
                return new Constant(constant.Tensor, data);
            })];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return all;
        }
    }

    /// <summary>Lets the system take back the physical memory of a graph's mapped weights; they are read again from the file.</summary>
    public static void Discard(Graph graph)
    {
        HashSet<MappedMemory> files = [];
        foreach (Constant constant in graph.Constants.Values)
        {
            if (MemoryMarshal.TryGetMemoryManager(constant.Data, out MappedMemory? file) && files.Add(file))
            {
                file.Discard();
            }
        }
    }

    /// <summary>Whether a constant's contents are in a mapped file.</summary>
    public static bool IsMapped(Constant constant) => MemoryMarshal.TryGetMemoryManager(constant.Data, out MappedMemory? _);

    private static MappedMemory Write(IEnumerable<Constant> constants, long size)
    {
        string path = Path.Combine(Path.GetTempPath(), $"tandem-{Guid.NewGuid():N}.weights");
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete | FileShare.Read,
            Options = OperatingSystem.IsWindows() ? FileOptions.DeleteOnClose : FileOptions.None,
        });
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                // The contents live as long as the mapping; without a name nothing is left behind, whatever happens.
                File.Delete(path);
            }
            byte[] padding = new byte[AlignmentInBytes];
            foreach (Constant constant in constants)
            {
                stream.Write(constant.Data.Span);
                stream.Write(padding, 0, Aligned(constant.Data.Length) - constant.Data.Length);
            }
            stream.Flush();
            return new MappedMemory(stream, checked((int)size));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static bool IsLarge(Constant constant) => constant.Data.Length >= SmallestBytes;

    private static int Aligned(int bytes) => (bytes + AlignmentInBytes - 1) / AlignmentInBytes * AlignmentInBytes;
}
