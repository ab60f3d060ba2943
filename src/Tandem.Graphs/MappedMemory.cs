using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Tandem.Graphs;

/// <summary>A file, mapped for reading as long as anything refers to it.</summary>
internal sealed unsafe partial class MappedMemory : MemoryManager<byte>
{
    private const int DontNeed = 4;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;

    /// <summary>Maps the beginning of a file, and takes ownership of the stream.</summary>
    /// <exception cref="IOException">The file cannot be mapped.</exception>
    public MappedMemory(FileStream stream, int length)
    {
        _length = length;
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        // The view begins at the file's first byte, and so at a page of memory.
        _start = (byte*)_view.SafeMemoryMappedViewHandle.DangerousGetHandle();
    }

    /// <summary>Gives the physical pages back to the system; they come back from the file when they are read.</summary>
    public void Discard()
    {
        if (OperatingSystem.IsLinux())
        {
            // Failing is harmless: then the pages stay until the system wants them.
            _ = MemoryAdvise(_start, (nuint)_length, DontNeed);
            GC.KeepAlive(this);
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex, default, this);

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
