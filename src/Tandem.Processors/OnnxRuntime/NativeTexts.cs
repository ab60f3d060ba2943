using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A list of zero-terminated UTF-8 texts in native memory, for functions that take arrays of texts.</summary>
internal sealed unsafe class NativeTexts : SafeHandle
{
    private readonly int _count;

    /// <summary>Copies the texts.</summary>
    public NativeTexts(IReadOnlyCollection<string> texts) : base(0, ownsHandle: true)
    {
        _count = texts.Count;
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)Math.Max(1, _count), (nuint)sizeof(nint)));
        int i = 0;
        foreach (string text in texts)
        {
            Pointer[i++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
        }
    }

    /// <summary>One pointer for each text, in order.</summary>
    public byte** Pointer => (byte**)handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        for (int i = 0; i < _count; i++)
        {
            Marshal.FreeCoTaskMem((nint)Pointer[i]);
        }
        NativeMemory.Free((void*)handle);
        return true;
    }
}
