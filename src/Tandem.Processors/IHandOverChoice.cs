namespace Tandem.Processors;

/// <summary>
/// A processor that can share tensors with the host in several ways, of which only measuring on the device tells the fastest. Which to
/// use is said from outside, as what was measured outlives the processor.
/// </summary>
public interface IHandOverChoice : IProcessor
{
    /// <summary>The ways that the device offers, by names that stay the same from version to version; the processor's own guess first.</summary>
    IReadOnlyList<string> HandOvers { get; }

    /// <summary>
    /// The way that slices use which are bound from now on. Memory that was allocated for another way can still be bound.
    /// </summary>
    /// <exception cref="ArgumentException">The device does not offer the way that is set.</exception>
    string HandOver { get; set; }
}

/// <summary>A processor that works best on memory that it allocates, and shares with the host and every other processor.</summary>
public interface ISharedMemorySource : IProcessor
{
    /// <summary>Memory of the processor's own choice; null where any host memory is as good.</summary>
    /// <remarks>The buffer keeps what it needs of the processor, which may be disposed before it.</remarks>
    SharedBuffer? TryAllocate(long sizeInBytes);
}
