using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl;

/// <summary>A slice as kernel launches, with its constants on the device.</summary>
internal sealed class OpenClCompiledSlice(
    string processor,
    Graph graph,
    OpenClContext context,
    ProgramBuilder programs,
    AttachedBuffers buffers,
    ConstantPool constants,
    SliceProgram program) : ICompiledSlice
{
    private bool _disposed;

    /// <inheritdoc/>
    public Graph Graph => graph;

    internal ConstantPool Constants => constants;

    internal SliceProgram Program => program;

    /// <inheritdoc/>
    public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        SliceViews.Check(graph, inputs, outputs);
        try
        {
            return new OpenClBoundSlice(processor, this, context, programs, buffers, inputs, outputs);
        }
        catch (OpenClException exception)
        {
            throw new ProcessorFailedException(
                $"processor '{processor}' cannot bind slice '{graph.Name}': {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        constants.Dispose();
    }
}
