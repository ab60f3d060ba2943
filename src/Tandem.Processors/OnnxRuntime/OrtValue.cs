using System.Buffers;
using Tandem.Graphs;

namespace Tandem.Processors.OnnxRuntime;

/// <summary>A tensor that a session reads or writes: on memory of the caller, or on memory of its own.</summary>
public sealed unsafe class OrtValue : IDisposable
{
    private readonly OrtApi _api;
    private readonly NativeHandle _handle;
    private MemoryHandle _pinned;
    private OrtTensorTypeAndShapeInfo? _description;

    internal OrtValue(nint value, MemoryHandle pinned = default)
    {
        _api = OrtApi.Current;
        _handle = new NativeHandle(value, _api.ReleaseValue);
        _pinned = pinned;
    }

    /// <summary>Whether the value is a tensor (sequences and maps are not).</summary>
    public bool IsTensor
    {
        get
        {
            int isTensor;
            _api.Check(_api.IsTensor(_handle.Pointer, &isTensor));
            return isTensor != 0;
        }
    }

    internal NativeHandle Handle => _handle;

    /// <summary>Makes a tensor on memory that the caller owns and keeps as long as the tensor is in use.</summary>
    /// <param name="memInfo">The kind of memory.</param>
    /// <param name="elementType">The type of the elements.</param>
    /// <param name="shape">The dimensions, outermost first.</param>
    /// <param name="dataBufferPtr">The first element.</param>
    /// <param name="bufferLengthInBytes">Bytes of memory; at least those of the tensor.</param>
    /// <exception cref="OnnxRuntimeException">The memory is too small for the shape.</exception>
    public static OrtValue CreateTensorValueWithData(
        OrtMemoryInfo memInfo, TensorElementType elementType, long[] shape, nint dataBufferPtr, long bufferLengthInBytes) =>
        new(CreateOn(memInfo, elementType, shape, (void*)dataBufferPtr, bufferLengthInBytes));

    /// <summary>Makes a tensor on a managed array, which stays pinned until the tensor is disposed.</summary>
    /// <param name="data">The elements in row-major order.</param>
    /// <param name="shape">The dimensions, outermost first.</param>
    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape) where T : unmanaged =>
        CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, data.AsMemory(), shape);

    /// <summary>Makes a tensor on managed memory, which stays pinned until the tensor is disposed.</summary>
    public static OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape)
        where T : unmanaged
    {
        MemoryHandle pinned = memory.Pin();
        try
        {
            nint value = CreateOn(
                memoryInfo, TensorElementTypes.Of<T>(), shape, pinned.Pointer, (long)memory.Length * sizeof(T));
            return new OrtValue(value, pinned);
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    /// <summary>Makes a tensor on the bytes of its elements, which stay pinned until the tensor is disposed.</summary>
    internal static OrtValue CreateTensorValueFromBytes(Memory<byte> bytes, TensorElementType elementType, long[] shape)
    {
        MemoryHandle pinned = bytes.Pin();
        try
        {
            return new OrtValue(CreateOn(OrtMemoryInfo.DefaultInstance, elementType, shape, pinned.Pointer, bytes.Length), pinned);
        }
        catch
        {
            pinned.Dispose();
            throw;
        }
    }

    /// <summary>Makes a tensor on host memory that it allocates and owns. Its contents are not set.</summary>
    public static OrtValue CreateAllocatedTensorValue(TensorElementType elementType, long[] shape)
    {
        OrtEnv.Instance();
        OrtApi api = OrtApi.Current;
        nint value;
        fixed (long* dimensions = shape)
        {
            api.Check(api.CreateTensorAsOrtValue(
                api.DefaultAllocator(), dimensions, (nuint)shape.Length, (int)elementType, &value));
        }
        return new OrtValue(value);
    }

    /// <summary>The element type and shape, which never change; only the first call allocates.</summary>
    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape() => _description ??= Describe();

    /// <summary>The elements, in place, in row-major order. Valid until the tensor is disposed.</summary>
    /// <exception cref="InvalidOperationException">The tensor has elements of another type.</exception>
    public ReadOnlySpan<T> GetTensorDataAsSpan<T>() where T : unmanaged => GetTensorMutableDataAsSpan<T>();

    /// <summary>The elements, in place and writable, in row-major order. Valid until the tensor is disposed.</summary>
    /// <exception cref="InvalidOperationException">The tensor has elements of another type.</exception>
    public Span<T> GetTensorMutableDataAsSpan<T>() where T : unmanaged
    {
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        if (info.ElementDataType != TensorElementTypes.Of<T>())
        {
            throw new InvalidOperationException($"the tensor's elements are {info.ElementDataType}, not {typeof(T).Name}");
        }
        void* data;
        _api.Check(_api.GetTensorMutableData(_handle.Pointer, &data));
        return new Span<T>(data, checked((int)info.ElementCount));
    }

    /// <summary>The contents as bytes, in place and writable, in row-major order. Valid until the tensor is disposed.</summary>
    public Span<byte> GetTensorMutableRawData()
    {
        OrtTensorTypeAndShapeInfo info = GetTensorTypeAndShape();
        void* data;
        _api.Check(_api.GetTensorMutableData(_handle.Pointer, &data));
        return new Span<byte>(data, checked((int)info.ElementCount * ((ElementType)(int)info.ElementDataType).SizeInBytes()));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        _pinned.Dispose();
        _pinned = default;
    }

    private OrtTensorTypeAndShapeInfo Describe()
    {
        nint info;
        _api.Check(_api.GetTensorTypeAndShape(_handle.Pointer, &info));
        using var owned = new NativeHandle(info, _api.ReleaseTensorTypeAndShapeInfo);
        return new OrtTensorTypeAndShapeInfo(_api, owned.Pointer);
    }

    private static nint CreateOn(
        OrtMemoryInfo memory, TensorElementType elementType, long[] shape, void* data, long sizeInBytes)
    {
        OrtApi api = OrtApi.Current;
        nint value;
        fixed (long* dimensions = shape)
        {
            api.Check(api.CreateTensorWithDataAsOrtValue(
                memory.Pointer, data, (nuint)sizeInBytes, dimensions, (nuint)shape.Length, (int)elementType, &value));
        }
        return value;
    }
}
