using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Links;

namespace Tandem.Execution;

/// <summary>
/// Runs a plan: one worker thread for each processor runs its steps in order, each as soon as the steps it depends on have
/// ended. A plan of one unpinned processor runs on the calling thread.
/// </summary>
/// <remarks>
/// Inferences of one executor run one after another, whoever asks for them; different executors run at the same time.
/// After the first inferences, a run allocates no managed memory.
/// </remarks>
public sealed class PlanExecutor : IDisposable
{
    private readonly Plan _plan;
    private readonly CompiledSlices _compiled;
    private readonly IProcessor[] _processorOfStep;
    private readonly IBoundSlice[] _bound;
    private readonly int[][] _dependsOn;
    private readonly SharedTensors _tensors;
    private readonly StepSignals _signals;
    private readonly TraceRecorder _trace;
    private readonly List<Worker> _workers = [];
    private readonly ManualResetEventSlim _done = new(false, spinCount: 10);
    private readonly Lock _gate = new();
    private long _run;
    private int _working;
    private ExceptionDispatchInfo? _failure;
    private CancellationToken _cancellation;
    private bool _disposed;

    /// <summary>Compiles a plan's slices, ties them to memory, and starts the workers.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="compiled">The network and what is compiled of it; must outlive the executor.</param>
    /// <param name="processors">The processors by name; must outlive the executor.</param>
    /// <exception cref="PlanException">The plan does not fit the network, or names a processor that is not there.</exception>
    /// <exception cref="SliceRefusedException">A processor cannot run a step.</exception>
    public PlanExecutor(Plan plan, CompiledSlices compiled, IReadOnlyDictionary<string, IProcessor> processors)
    {
        _plan = plan;
        _compiled = compiled;
        Network network = compiled.Network;
        IReadOnlyList<Slice> slices = PlanCheck.Require(plan, network, GraphSignature.Of(network.Graph));
        RequireProcessors(plan, processors);
        _processorOfStep = [.. plan.Steps.Select(step => processors[step.Processor])];
        _dependsOn = [.. plan.Steps.Select(step => OtherProcessors(plan, step))];
        _tensors = SharedTensors.Allocate(network.Graph, plan, slices);
        _bound = new IBoundSlice[plan.Steps.Count];
        _trace = new TraceRecorder(plan.Steps.Count);
        IProcessor[] used = [.. _processorOfStep.Distinct()];
        _signals = new StepSignals(plan.Steps.Count, used.Length);
        try
        {
            Bind(slices);
            if (used.Length != 1 || used[0].Info.Cores.Count != 0)
            {
                StartWorkers(used);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The plan.</summary>
    public Plan Plan => _plan;

    /// <summary>What the last inference took from call to return, in milliseconds.</summary>
    public double LastMs => _trace.LastTotalMs;

    /// <summary>What happened in the last inference.</summary>
    public Trace LastTrace
    {
        get { lock (_gate) { return _trace.ToTrace(_plan); } }
    }

    /// <summary>Bytes of the memory in which steps hand tensors to each other.</summary>
    public long SharedBytes => _tensors.AllocatedBytes;

    /// <summary>The memory of an input or output of the network, to write before and to read after a run.</summary>
    /// <exception cref="ArgumentException">The plan touches no tensor of that name.</exception>
    public SharedBuffer Memory(string tensor) => _tensors.Find(tensor)
        ?? throw new ArgumentException($"the plan touches no tensor '{tensor}'", nameof(tensor));

    /// <summary>Whether a tensor has memory; an input that no operator reads, and that is no output, has none.</summary>
    public bool Touches(string tensor) => _tensors.Find(tensor) is not null;

    /// <summary>
    /// Runs one inference: fill feeds the inputs' memory, take reads the outputs' memory; no other inference of this executor comes
    /// in between.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    /// <exception cref="ProcessorFailedException">A processor failed.</exception>
    public void Run<TState>(TState state, Action<TState, PlanExecutor> fill, Action<TState, PlanExecutor> take, CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            fill(state, this);
            RunLocked(cancellation);
            take(state, this);
        }
    }

    /// <summary>Runs one inference on what is in the inputs' memory.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    /// <exception cref="ProcessorFailedException">A processor failed.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RunLocked(cancellation);
        }
    }

    private void RunLocked(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _cancellation = cancellation;
        _failure = null;
        _run++;
        _trace.StartRun();
        if (_workers.Count == 0)
        {
            RunSteps(null, 0, _run);
        }
        else
        {
            _done.Reset();
            Volatile.Write(ref _working, _workers.Count);
            foreach (Worker worker in _workers)
            {
                worker.Start(_run);
            }
            _done.Wait(CancellationToken.None);
        }
        _trace.EndRun();
        _failure?.Throw();
    }

    private void StartWorkers(IProcessor[] used)
    {
        for (int w = 0; w < used.Length; w++)
        {
            IProcessor processor = used[w];
            int worker = w;
            _workers.Add(new Worker(processor, (run, failure) =>
            {
                if (failure is null)
                {
                    RunSteps(processor, worker, run);
                }
                else
                {
                    Fail(failure, run);
                }
                if (Interlocked.Decrement(ref _working) == 0)
                {
                    _done.Set();
                }
            }));
        }
    }

    /// <summary>Runs one processor's steps, or all steps where no processor is given.</summary>
    private void RunSteps(IProcessor? processor, int worker, long run)
    {
        try
        {
            for (int step = 0; step < _bound.Length; step++)
            {
                if (processor is not null && !ReferenceEquals(_processorOfStep[step], processor))
                {
                    continue;
                }
                if (!WaitForInputs(step, worker, run))
                {
                    return;
                }
                _cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                RunTiming timing = _bound[step].Run();
                _trace.Record(step, start, Stopwatch.GetTimestamp(), timing);
                _signals.Publish(step, run);
            }
        }
        catch (Exception e)
        {
            Fail(e, run);
        }
    }

    /// <summary>Whatever broke, the others must not wait for it; the caller gets it from Run.</summary>
    private void Fail(Exception failure, long run)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
        _signals.Break(run);
    }

    private bool WaitForInputs(int step, int worker, long run)
    {
        foreach (int dependency in _dependsOn[step])
        {
            if (!_signals.Wait(worker, dependency, run))
            {
                return false;
            }
        }
        return !_signals.IsBroken(run);
    }

    private void Bind(IReadOnlyList<Slice> slices)
    {
        foreach (Step step in _plan.Steps)
        {
            Slice slice = slices[step.Id];
            ICompiledSlice compiled = _compiled.Acquire(_processorOfStep[step.Id], step.Slice, slice);
            try
            {
                _bound[step.Id] = compiled.Bind(
                    [.. slice.Inputs.Select(_tensors.View)],
                    [.. slice.Outputs.Select(_tensors.View)]);
            }
            catch
            {
                _compiled.Release(_processorOfStep[step.Id], step.Slice);
                throw;
            }
        }
    }

    /// <summary>What a step waits for; its own processor's steps have ended anyway.</summary>
    private static int[] OtherProcessors(Plan plan, Step step) =>
        [.. step.DependsOn.Where(id => plan.Steps[id].Processor != step.Processor)];

    private static void RequireProcessors(Plan plan, IReadOnlyDictionary<string, IProcessor> processors)
    {
        foreach (string name in plan.Processors.Where(name => !processors.ContainsKey(name)))
        {
            throw new PlanException($"the plan needs processor '{name}', and this device has none: make a new plan with 'tandem plan'");
        }
    }

    /// <summary>Waits for a running inference, stops the workers, and frees the memory.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
            foreach (Worker worker in _workers)
            {
                worker.Dispose();
            }
            for (int step = 0; step < _bound.Length; step++)
            {
                if (_bound[step] is { } bound)
                {
                    bound.Dispose();
                    _compiled.Release(_processorOfStep[step], _plan.Steps[step].Slice);
                }
            }
            _tensors.Dispose();
            _signals.Dispose();
            _done.Dispose();
        }
    }
}
