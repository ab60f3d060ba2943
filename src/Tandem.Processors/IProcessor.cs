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

    /// <summary>Whether it can compile slices in half precision.</summary>
    bool HasHalfPrecision => false;

    /// <summary>
    /// Compiles a slice that stores its weights and the tensors inside it in half precision. Its inputs and outputs are the slice's own:
    /// who runs it gives and gets what it would of <see cref="Compile"/>, with less precise numbers.
    /// </summary>
    /// <exception cref="SliceRefusedException">The processor cannot run one of its operators, or has no half precision.</exception>
    ICompiledSlice CompileHalf(Graph slice) => throw new SliceRefusedException(Info.Name, slice, "it has no half precision");
}
