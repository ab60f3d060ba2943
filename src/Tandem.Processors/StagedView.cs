namespace Tandem.Processors;

/// <summary>A copy, in one piece, of a view whose pieces lie apart.</summary>
internal sealed unsafe class StagedView : IDisposable
{
    private readonly SharedBuffer _stage;
    private readonly byte* _first;
    private readonly long _pieces;
    private readonly long _pieceBytes;
    private readonly long _strideBytes;

    /// <summary>Makes room for the copy. The view's buffer must outlive it.</summary>
    public StagedView(TensorView view)
    {
        _first = view.Buffer.Pointer + view.FirstPieceOffset;
        _pieces = view.PieceCount;
        _pieceBytes = view.PieceBytes;
        _strideBytes = view.PieceStrideBytes;
        _stage = new SharedBuffer(_pieces * _pieceBytes);
    }

    /// <summary>The copy: the range's elements in row-major order.</summary>
    public byte* Memory => _stage.Pointer;

    /// <summary>Copies the view's pieces together.</summary>
    public void Gather()
    {
        byte* from = _first;
        byte* to = _stage.Pointer;
        for (long i = 0; i < _pieces; i++, from += _strideBytes, to += _pieceBytes)
        {
            Buffer.MemoryCopy(from, to, _pieceBytes, _pieceBytes);
        }
    }

    /// <summary>Copies the elements back to the view's pieces.</summary>
    public void Scatter()
    {
        byte* from = _stage.Pointer;
        byte* to = _first;
        for (long i = 0; i < _pieces; i++, from += _pieceBytes, to += _strideBytes)
        {
            Buffer.MemoryCopy(from, to, _pieceBytes, _pieceBytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stage.Dispose();
}
