using Tandem.Learning.Data;

namespace Tandem.Learning.Tests.Data;

/// <summary>A data set that counts what the loader's thread does, and fails or waits where it is told to.</summary>
internal sealed class WatchedImages(ILabelledImages images) : ILabelledImages
{
    private int _reads;
    private long _allocatedAtFrom;

    public ImageShape Shape => images.Shape;

    public int Count => images.Count;

    public IReadOnlyList<string> Classes => images.Classes;

    internal int Reads => Volatile.Read(ref _reads);

    internal int FailsAt { get; init; } = int.MaxValue;

    internal int BlocksAt { get; init; } = int.MaxValue;

    internal ManualResetEventSlim Unblock { get; } = new();

    /// <summary>The number of reads that sets <see cref="ReachedAwaited"/>.</summary>
    internal int Awaited { get; init; } = int.MaxValue;

    internal ManualResetEventSlim ReachedAwaited { get; } = new();

    /// <summary>The reads between which the thread's allocations are counted.</summary>
    internal int From { get; init; } = int.MaxValue;

    internal int To { get; init; } = int.MaxValue;

    internal long AllocatedBytes { get; private set; } = -1;

    public int LabelOf(int index) => images.LabelOf(index);

    public void Read(int index, Span<byte> samples)
    {
        int read = Interlocked.Increment(ref _reads);
        if (read == Awaited)
        {
            ReachedAwaited.Set();
        }
        if (read == BlocksAt)
        {
            Unblock.Wait();
        }
        if (read == FailsAt)
        {
            throw new DatasetException($"read {read}");
        }
        if (read == From)
        {
            _allocatedAtFrom = GC.GetAllocatedBytesForCurrentThread();
        }
        if (read == To)
        {
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - _allocatedAtFrom;
        }
        images.Read(index, samples);
    }
}
