using System.Runtime.InteropServices;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>An object of ONNX Runtime, released exactly once, and only after every object that depends on it.</summary>
internal sealed unsafe class NativeHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;
    private readonly NativeHandle? _owner;

    /// <summary>Takes ownership of an object.</summary>
    /// <param name="pointer">The object.</param>
    /// <param name="release">The function that releases it.</param>
    /// <param name="owner">An object that must live at least as long as this one.</param>
    public NativeHandle(nint pointer, delegate* unmanaged<nint, void> release, NativeHandle? owner = null)
        : base(0, ownsHandle: true)
    {
        _release = release;
        if (owner is not null)
        {
            bool added = false;
            owner.DangerousAddRef(ref added);
            _owner = owner;
        }
        SetHandle(pointer);
    }

    /// <summary>Makes an object that depends on no other.</summary>
    /// <param name="api">ONNX Runtime.</param>
    /// <param name="create">The function that makes it.</param>
    /// <param name="release">The function that releases it.</param>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses.</exception>
    public static NativeHandle Create(
        OrtApi api, delegate* unmanaged<nint*, nint> create, delegate* unmanaged<nint, void> release)
    {
        nint created;
        api.Check(create(&created));
        return new NativeHandle(created, release);
    }

    /// <summary>The object, for a call into ONNX Runtime during which this handle is kept alive.</summary>
    /// <exception cref="ObjectDisposedException">The object has been disposed.</exception>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _release(handle);
        _owner?.DangerousRelease();
        return true;
    }
}
