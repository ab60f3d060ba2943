using Tandem.Graphs;

namespace Tandem.Processors.Null;

/// <summary>
/// A processor that executes nothing and reports set times at once, so that planner and executor can be tested on any
/// machine. It reads and writes no memory.
/// </summary>
public sealed class NullProcessor : IProcessor
{
    private readonly Func<Graph, RunTiming> _timing;
    private readonly Action<Graph, int>? _onRun;
    private readonly Func<Graph, Operator?>? _refuses;
    private int _workerThreads;
    private int _liveSlices;
    private int _liveBindings;

    /// <summary>Makes a processor.</summary>
    /// <param name="info">What it says it is.</param>
    /// <param name="timing">What a run of a slice is said to take; asked once, when the slice is compiled.</param>
    /// <param name="onRun">
    /// Called by every run on the running thread with the slice and the number of its run, from 0, across all its bindings:
    /// it may record the order, wait, or throw <see cref="ProcessorFailedException"/> to inject a failure.
    /// </param>
    /// <param name="refuses">The operator for which a slice is refused; null (or returning null) to take every slice.</param>
    public NullProcessor(
        ProcessorInfo info,
        Func<Graph, RunTiming> timing,
        Action<Graph, int>? onRun = null,
        Func<Graph, Operator?>? refuses = null)
    {
        Info = info;
        _timing = timing;
        _onRun = onRun;
        _refuses = refuses;
    }

    /// <summary>Makes a processor of one thread that no core is set aside for.</summary>
    /// <param name="name">The name that plans use.</param>
    /// <param name="timing">What a run of a slice is said to take; asked once, when the slice is compiled.</param>
    /// <param name="onRun">Called by every run with the slice and the number of its run, from 0.</param>
    /// <param name="refuses">The operator for which a slice is refused.</param>
    public NullProcessor(
        string name,
        Func<Graph, RunTiming> timing,
        Action<Graph, int>? onRun = null,
        Func<Graph, Operator?>? refuses = null)
        : this(new ProcessorInfo(name, ProcessorKind.Null, "null", "1", "none", [], 1, false), timing, onRun, refuses)
    {
    }

    /// <inheritdoc/>
    public ProcessorInfo Info { get; }

    /// <summary>How many threads have entered as workers.</summary>
    public int WorkerThreads => _workerThreads;

    /// <summary>How many slices are compiled and not disposed.</summary>
    public int LiveSlices => _liveSlices;

    /// <summary>How many bindings are made and not disposed.</summary>
    public int LiveBindings => _liveBindings;

    /// <summary>Whether the processor has been disposed.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public void EnterWorkerThread() => Interlocked.Increment(ref _workerThreads);

    /// <inheritdoc/>
    public ICompiledSlice Compile(Graph slice)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return _refuses?.Invoke(slice) is Operator refused
            ? throw new SliceRefusedException(Info.Name, refused, "the null processor was told to refuse it")
            : new CompiledSlice(this, slice);
    }

    /// <inheritdoc/>
    public void Dispose() => IsDisposed = true;

    private sealed class CompiledSlice : ICompiledSlice
    {
        private readonly NullProcessor _processor;
        private readonly RunTiming _timing;
        private int _runs = -1;
        private bool _disposed;

        public CompiledSlice(NullProcessor processor, Graph graph)
        {
            _processor = processor;
            Graph = graph;
            _timing = processor._timing(graph);
            Interlocked.Increment(ref processor._liveSlices);
        }

        public Graph Graph { get; }

        public IBoundSlice Bind(IReadOnlyList<TensorView> inputs, IReadOnlyList<TensorView> outputs)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            SliceViews.Check(Graph, inputs, outputs);
            return new BoundSlice(_processor, this);
        }

        public RunTiming Run()
        {
            int run = Interlocked.Increment(ref _runs);
            _processor._onRun?.Invoke(Graph, run);
            return _timing;
        }

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Interlocked.Decrement(ref _processor._liveSlices);
            }
        }
    }

    private sealed class BoundSlice : IBoundSlice
    {
        private readonly NullProcessor _processor;
        private readonly CompiledSlice _slice;
        private bool _disposed;

        public BoundSlice(NullProcessor processor, CompiledSlice slice)
        {
            _processor = processor;
            _slice = slice;
            Interlocked.Increment(ref processor._liveBindings);
        }

        public RunTiming Run()
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _slice.Run();
        }

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Interlocked.Decrement(ref _processor._liveBindings);
            }
        }
    }
}
