using Tandem.Processors.OpenCl.Interop;

namespace Tandem.Processors.OpenCl.Memory;

/// <summary>
/// Shared buffers as memory objects of one context, one for each buffer as long as any bound slice uses it. A buffer that is
/// attached is kept alive, even where its owner disposes it.
/// </summary>
internal sealed class AttachedBuffers(OpenClContext context)
{
    private readonly Dictionary<SharedBuffer, Attachment> _attached = [];
    private readonly Lock _gate = new();

    /// <summary>The memory object of a buffer; to be detached once for each time it was attached.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is disposed.</exception>
    internal MemoryHandle Attach(SharedBuffer buffer)
    {
        lock (_gate)
        {
            if (!_attached.TryGetValue(buffer, out Attachment? attachment))
            {
                bool held = false;
                buffer.DangerousAddRef(ref held);
                try
                {
                    attachment = new Attachment(context.Wrap(buffer));
                }
                catch
                {
                    buffer.DangerousRelease();
                    throw;
                }
                _attached.Add(buffer, attachment);
            }
            attachment.Count++;
            return attachment.Memory;
        }
    }

    /// <summary>Gives a buffer up; the last one releases its memory object.</summary>
    internal void Detach(SharedBuffer buffer)
    {
        lock (_gate)
        {
            Attachment attachment = _attached[buffer];
            if (--attachment.Count == 0)
            {
                _attached.Remove(buffer);
                attachment.Memory.Dispose();
                buffer.DangerousRelease();
            }
        }
    }

    private sealed class Attachment(MemoryHandle memory)
    {
        internal MemoryHandle Memory { get; } = memory;

        internal int Count { get; set; }
    }
}
