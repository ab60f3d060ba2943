using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution.Tests;

/// <summary>A real processor that can be broken and repaired, fail at a certain run, hang, or be slow.</summary>
internal sealed class FailingProcessor(IProcessor inner) : IProcessor
{
    private readonly ManualResetEventSlim _goesOn = new(true);
    private int _runs;

    public const string Reason = "the device was lost";

    /// <summary>Whether its runs fail.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The number of the run of a slice, from 1, that fails; 0 for none.</summary>
    public int FailsAt { get; set; }

    /// <summary>Rounds of spinning before each run.</summary>
    public int Slowness { get; set; }

    /// <summary>How many runs of slices were begun.</summary>
    public int Runs => Volatile.Read(ref _runs);

    /// <summary>How many slices are bound and not freed.</summary>
    public int LiveBindings;

    /// <summary>Whether it was disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Its runs do not return from now on.</summary>
    public void Hang() => _goesOn.Reset();

    /// <summary>Runs that hang go on.</summary>
    public void GoOn() => _goesOn.Set();

    /// <summary>Whether it refuses to compile.</summary>
    public bool Refuses { get; set; }

    public ProcessorInfo Info => inner.Info;

    public void EnterWorkerThread() => inner.EnterWorkerThread();

    public ICompiledSlice Compile(Graph slice) =>
        Refuses ? throw new SliceRefusedException(Info.Name, slice, "told so") : new Compiled(this, inner.Compile(slice));

    public void Dispose()
    {
        IsDisposed = true;
        inner.Dispose();
    }

    private void BeforeRun()
    {
        int run = Interlocked.Increment(ref _runs);
        Thread.SpinWait(Slowness);
        _goesOn.Wait();
        if (IsBroken || run == FailsAt)
        {
            throw new ProcessorFailedException(Reason);
        }
    }

    private sealed class Compiled(FailingProcessor owner, ICompiledSlice slice) : ICompiledSlice
    {
        public Graph Graph => slice.Graph;

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs) =>
            new Bound(owner, slice.Bind(inputs, outputs));

        public void Dispose() => slice.Dispose();
    }

    private sealed class Bound : IBoundSlice
    {
        private readonly FailingProcessor _owner;
        private readonly IBoundSlice _slice;

        public Bound(FailingProcessor owner, IBoundSlice slice)
        {
            _owner = owner;
            _slice = slice;
            Interlocked.Increment(ref owner.LiveBindings);
        }

        public RunTiming Run()
        {
            _owner.BeforeRun();
            return _slice.Run();
        }

        public void Dispose()
        {
            Interlocked.Decrement(ref _owner.LiveBindings);
            _slice.Dispose();
        }
    }
}
