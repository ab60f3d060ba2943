namespace Tandem.Processors.OpenCl;

/// <summary>How host memory and a device's memory relate, which decides what a run does at its ends.</summary>
internal enum MemorySharing
{
    /// <summary>The device reads and writes host memory coherently: nothing is done.</summary>
    Coherent,

    /// <summary>The same memory, but not coherent: views are unmapped before a run and mapped again after it.</summary>
    Mapped,

    /// <summary>The device has its own memory: views are written to it before a run and read back after it.</summary>
    Copied,
}
