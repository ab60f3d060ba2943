using Tandem.Graphs;

namespace Tandem.Processors;

/// <summary>
/// Anything that compiles and runs a slice: ONNX Runtime with an execution provider, OpenCL, the null processor.
/// </summary>
public interface IProcessor : IDisposable
{
    /// <summary>What it is, and what its measurements are stored under.</summary>
    ProcessorInfo Info { get; }

    /// <summary>
    /// Prepares the calling thread to run this processor's slices (pins it to the processor's cores). Called once by each
    /// worker thread; processors that do not care do nothing.
    /// </summary>
    void EnterWorkerThread();

    /// <summary>Compiles a slice.</summary>
    /// <exception cref="SliceRefusedException">The processor cannot run one of its operators; it says which and why.</exception>
    ICompiledSlice Compile(Graph slice);
}
