using System.Runtime.InteropServices;
using System.Text;

namespace Tandem.Learning.Images;

/// <summary>A png_image in native memory, together with what libpng keeps for it.</summary>
internal sealed unsafe class PngImageHandle : SafeHandle
{
    /// <summary>Makes an empty image of the current version.</summary>
    internal PngImageHandle() : base(0, ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(PngNative.Image)));
        Image.Version = PngNative.ImageVersion;
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The fields; valid as long as the handle is not disposed.</summary>
    internal ref PngNative.Image Image => ref *(PngNative.Image*)handle;

    /// <summary>What the last call complained about.</summary>
    internal string LastError
    {
        get
        {
            ReadOnlySpan<byte> message = Image.Message;
            int end = message.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? message : message[..end]);
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        PngNative.png_image_free(handle);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
