using System.Runtime.InteropServices;

namespace Tandem.Learning.Images;

/// <summary>A TurboJPEG compressor or decompressor.</summary>
internal sealed class TurboJpegHandle : SafeHandle
{
    /// <summary>Made by the marshaller.</summary>
    public TurboJpegHandle() : base(0, ownsHandle: true) { }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>What the last call on this handle complained about.</summary>
    internal unsafe string LastError =>
        Marshal.PtrToStringUTF8((nint)TurboJpegNative.tjGetErrorStr2(this)) ?? "unknown error";

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => TurboJpegNative.tjDestroy(handle) == 0;
}
