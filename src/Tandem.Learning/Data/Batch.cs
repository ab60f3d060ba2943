using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Data;

/// <summary>
/// Images with their labels, in memory that ONNX Runtime and OpenCL devices read in place. It belongs to its loader, which has a few
/// and fills them again and again: contents are valid until the loader is asked for the next batch, memory until it is disposed.
/// </summary>
public sealed class Batch
{
    private readonly int[] _indices;
    private readonly long[] _imageDimensions;
    private readonly long[] _labelDimensions;
    private OrtValue? _imageValue;
    private OrtValue? _labelValue;

    internal Batch(int size, ImageShape shape)
    {
        Size = size;
        _imageDimensions = [size, shape.Channels, shape.Height, shape.Width];
        _labelDimensions = [size];
        _indices = new int[size];
        Images = new SharedBuffer((long)size * shape.SampleCount * sizeof(float));
        Labels = new SharedBuffer((long)size * sizeof(long));
    }

    /// <summary>The number of images, padding included.</summary>
    public int Size { get; }

    /// <summary>The images that count; those after are padding. Equal to <see cref="Size"/> but for an epoch's last batch.</summary>
    public int Count { get; internal set; }

    /// <summary>Which batch of training it is.</summary>
    public BatchPosition Position { get; internal set; }

    /// <summary>The images' indices in the data set.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <summary>The images: float32 of shape [Size, channels, height, width].</summary>
    public SharedBuffer Images { get; }

    /// <summary>The labels: int64 of shape [Size].</summary>
    public SharedBuffer Labels { get; }

    /// <summary>The images as a tensor on this memory: made once, and disposed by the loader.</summary>
    public OrtValue ImageValue => _imageValue ??= On(Images, TensorElementType.Float, _imageDimensions);

    /// <summary>The labels as a tensor on this memory: made once, and disposed by the loader.</summary>
    public OrtValue LabelValue => _labelValue ??= On(Labels, TensorElementType.Int64, _labelDimensions);

    internal Span<int> WritableIndices => _indices;

    /// <summary>Frees the memory.</summary>
    internal void Free()
    {
        _imageValue?.Dispose();
        _labelValue?.Dispose();
        Images.Dispose();
        Labels.Dispose();
    }

    private static unsafe OrtValue On(SharedBuffer memory, TensorElementType type, long[] dimensions)
    {
        ObjectDisposedException.ThrowIf(memory.IsClosed, memory);
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, type, dimensions, (nint)memory.Pointer, memory.SizeInBytes);
    }
}
