using System.IO.MemoryMappedFiles;

namespace Tandem.Graphs.Onnx;

/// <summary>
/// The bytes of a file as the operating system maps them: a parser that copies each tensor out of them into an array of its
/// exact size then needs no second copy of the weights, which may be half a gigabyte.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _length;

    /// <summary>Maps all of an open, seekable file.</summary>
    /// <exception cref="IOException">The file cannot be mapped.</exception>
    public MappedFile(FileStream stream)
    {
        _length = checked((int)stream.Length);
        _file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        try
        {
            _view = _file.CreateViewAccessor(0, _length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The whole file; valid until this is disposed.</summary>
    public ReadOnlySpan<byte> Span => new(_start + _view.PointerOffset, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
