using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>A constant image: its place among the images of a slice.</summary>
internal readonly record struct ImageSlot(int Index);

/// <summary>
/// The constants of a compiled slice that kernels read as two-dimensional images of four numbers for each pixel, through the texture
/// cache that some GPUs have beside that of buffers. Each has memory of its own on the device.
/// </summary>
/// <param name="context">Where the device's memory comes from.</param>
/// <param name="isHalf">Whether the numbers are stored in half precision; kernels read the same floats of both.</param>
internal sealed class ConstantImages(OpenClContext context, bool isHalf) : IDisposable
{
    /// <summary>Numbers of a pixel.</summary>
    internal const int Channels = 4;

    private readonly List<(SharedBuffer Host, int Width, int Height)> _added = [];
    private readonly List<MemoryHandle> _images = [];

    /// <summary>Adds an image and gives its memory to be filled in, row after row.</summary>
    internal ImageSlot Add(int width, int height, out Span<float> memory)
    {
        long count = (long)width * height * Channels;
        var host = new SharedBuffer(count * sizeof(float));
        _added.Add((host, width, height));
        memory = host.AsSpan<float>()[..(int)count];
        return new ImageSlot(_added.Count - 1);
    }

    /// <summary>The memory object of an image that is uploaded.</summary>
    internal MemoryHandle this[ImageSlot slot] => _images[slot.Index];

    /// <summary>Makes the images; nothing is added after this.</summary>
    internal void Upload()
    {
        foreach ((SharedBuffer host, int width, int height) in _added)
        {
            if (isHalf)
            {
                Narrow(host.AsSpan<float>(), host.AsSpan<Half>());
            }
            _images.Add(context.CopyImage(host, width, height, isHalf));
        }
        DisposeHosts();
    }

    public void Dispose()
    {
        DisposeHosts();
        _images.ForEach(image => image.Dispose());
        _images.Clear();
    }

    /// <summary>Narrows in place, from the front: what is overwritten was read before.</summary>
    private static void Narrow(ReadOnlySpan<float> from, Span<Half> to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = (Half)from[i];
        }
    }

    private void DisposeHosts()
    {
        _added.ForEach(added => added.Host.Dispose());
        _added.Clear();
    }
}
