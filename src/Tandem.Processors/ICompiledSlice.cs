using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>A slice that a processor is ready to run.</summary>
public interface ICompiledSlice : IDisposable
{
    /// <summary>The slice; the contents of its constants may be gone, because the processor has its own form of them.</summary>
    Graph Graph { get; }

    /// <summary>Ties the slice to the memory it reads and writes.</summary>
    /// <param name="inputs">One view for each input of the graph, in order, of the same shape.</param>
    /// <param name="outputs">One view for each output of the graph, in order, of the same shape.</param>
    /// <remarks>A bound slice is used by one thread at a time and is disposed before the compiled slice.</remarks>
    IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs);
}

/// <summary>A compiled slice tied to memory.</summary>
public interface IBoundSlice : IDisposable
{
    /// <summary>
    /// Runs the slice to its end on the calling thread. When it returns, what it wrote can be read by the host and by every
    /// other processor. Allocates no managed memory.
    /// </summary>
    /// <exception cref="ProcessorFailedException">The processor failed while running.</exception>
    RunTiming Run();
}

/// <summary>Where the time of one run went, in <see cref="System.Diagnostics.Stopwatch"/> ticks.</summary>
/// <param name="GatherTicks">Getting the inputs into the processor's own memory (map, copy of rows).</param>
/// <param name="ComputeTicks">Computing.</param>
/// <param name="ScatterTicks">Putting the outputs where others read them (copy of rows, unmap).</param>
public readonly record struct RunTiming(long GatherTicks, long ComputeTicks, long ScatterTicks);
