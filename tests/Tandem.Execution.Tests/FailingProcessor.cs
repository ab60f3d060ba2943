using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution.Tests;

/// <summary>A real processor that can be broken and repaired.</summary>
internal sealed class FailingProcessor(IProcessor inner) : IProcessor
{
    public const string Reason = "the device was lost";

    /// <summary>Whether its runs fail.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Whether it refuses to compile.</summary>
    public bool Refuses { get; set; }

    public ProcessorInfo Info => inner.Info;

    public void EnterWorkerThread() => inner.EnterWorkerThread();

    public ICompiledSlice Compile(Graph slice) =>
        Refuses ? throw new SliceRefusedException(Info.Name, slice, "told so") : new Compiled(this, inner.Compile(slice));

    public void Dispose() => inner.Dispose();

    private sealed class Compiled(FailingProcessor owner, ICompiledSlice slice) : ICompiledSlice
    {
        public Graph Graph => slice.Graph;

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs) =>
            new Bound(owner, slice.Bind(inputs, outputs));

        public void Dispose() => slice.Dispose();
    }

    private sealed class Bound(FailingProcessor owner, IBoundSlice slice) : IBoundSlice
    {
        public RunTiming Run() => owner.IsBroken ? throw new ProcessorFailedException(Reason) : slice.Run();

        public void Dispose() => slice.Dispose();
    }
}
