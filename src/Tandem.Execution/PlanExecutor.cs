using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Tandem.Execution.Exits;
using Tandem.Execution.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Links;

namespace Tandem.Execution;

/// <summary>
/// Runs a plan: one worker thread for each processor runs its steps in order, each as soon as the steps it depends on have
/// ended; processors that share a worker take turns on it. A plan of one unpinned processor runs on the calling thread.
/// </summary>
/// <remarks>
/// Inferences of one executor run one after another, whoever asks for them; different executors run at the same time.
/// After the first inferences, a run allocates no managed memory.
/// </remarks>
public sealed partial class PlanExecutor : IDisposable
{
    // How long the others are waited for when one hangs.
    private static readonly TimeSpan GraceTime = TimeSpan.FromMilliseconds(500);

    private readonly Plan _plan;
    private readonly int[] _workerOfStep;
    private readonly BoundSteps? _steps;
    // What a step waits for; steps of its own worker have ended anyway.
    private readonly int[][] _dependsOn;
    private readonly SharedTensors _tensors;
    private readonly StepSignals _signals;
    private readonly TraceRecorder _trace;
    private readonly ExitDecisions? _exits;
    private readonly StepTurns? _turns;
    private readonly WorkerCrew? _crew;
    private readonly TaskCompletionSource _freed = new();
    private readonly Lock _gate = new();
    private long _run;
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
        : this(plan, compiled, processors, null) { }

    /// <summary>The same as one of several executors that take turns on their processors.</summary>
    internal PlanExecutor(Plan plan, CompiledSlices compiled, IReadOnlyDictionary<string, IProcessor> processors, ProcessorTurns? turns)
    {
        _turns = turns is null ? null : new StepTurns(plan, turns);
        _plan = plan;
        Network network = compiled.Network;
        IReadOnlyList<Slice> slices = PlanCheck.Require(plan, network, GraphSignature.Of(network.Graph));
        RequireProcessors(plan, processors);
        IProcessor[] processorOfStep = [.. plan.Steps.Select(step => processors[step.Processor])];
        IProcessor[][] workers = [.. processorOfStep.Distinct().GroupBy(p => p.Info.Worker).Select(engines => engines.ToArray())];
        _workerOfStep = [.. processorOfStep.Select(processor => Array.FindIndex(workers, engines => engines.Contains(processor)))];
        _dependsOn = [.. plan.Steps.Select(step => step.DependsOn.Where(id => _workerOfStep[id] != _workerOfStep[step.Id]).ToArray())];
        _tensors = SharedTensors.Allocate(network.Graph, plan, slices, processorOfStep.Distinct());
        _exits = ExitDecisions.Of(plan, network, _tensors, _workerOfStep);
        _trace = new TraceRecorder(plan.Steps.Count);
        _signals = new StepSignals(plan.Steps.Count, workers.Length, spins: turns is null);
        try
        {
            _steps = new BoundSteps(plan, compiled, processorOfStep, slices, _tensors);
            if (workers.Length != 1 || workers[0][0].Info.Cores.Count != 0)
            {
                _crew = new WorkerCrew(workers, RunWorker);
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

    /// <summary>
    /// How long an inference may take before its processors are held to hang. The run fails then, and so does every later one as long
    /// as a worker hangs. No limit by default; steps that run on the calling thread cannot be limited.
    /// </summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>What the last successful inference took from call to return, in milliseconds; 0 where there was none.</summary>
    public double LastMs => _trace.LastTotalMs;

    /// <summary>What happened in the last successful inference; nothing but zeros where there was none.</summary>
    public Trace LastTrace
    {
        get { lock (_gate) { return _trace.ToTrace(_plan); } }
    }

    /// <summary>Names of the processors whose workers did not answer in time and have not come back.</summary>
    internal IReadOnlyList<string> Hung => _crew?.Busy ?? [];

    /// <summary>Ends when everything is freed: with <see cref="Dispose"/>, or when workers that hung have come back after it.</summary>
    internal Task Freed => _freed.Task;

    /// <summary>Why the last inference failed in one of its steps; null where it did not, or the failure was the caller's.</summary>
    internal Exception? Failure => _failure?.SourceException;

    /// <summary>Times of the last successful inference.</summary>
    internal TraceRecorder Times => _trace;

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
            RunLocked(null, cancellation);
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
            RunLocked(null, cancellation);
        }
    }

    private void RunLocked(ExitThresholds? thresholds, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _failure = null;
        if (_crew is { IsIdle: false })
        {
            Fail(NotAnswering(Hung), _run);
            _failure!.Throw();
        }
        _exits?.Begin(thresholds);
        _cancellation = cancellation;
        _run++;
        _turns?.Begin();
        _trace.StartRun(mayLeave: thresholds is not null);
        if (_crew is null)
        {
            RunSteps(0, _run);
        }
        else if (!_crew.Run(_run, Timeout) && Hung is { Count: > 0 } hung)
        {
            Fail(NotAnswering(hung), _run);
            // Those that only waited for the one that hangs end now.
            _crew.WaitUntilIdle(GraceTime);
        }
        _failure?.Throw();
        _trace.EndRun();
    }

    private ProcessorFailedException NotAnswering(IReadOnlyList<string> hung) => new(
        $"processor '{string.Join("', '", hung)}' did not answer within {Timeout.TotalSeconds:0.###} s: the inference was given up");

    private void RunWorker(int worker, long run, Exception? failure)
    {
        if (failure is null)
        {
            RunSteps(worker, run);
        }
        else
        {
            Fail(failure, run);
        }
    }

    private void RunSteps(int worker, long run)
    {
        try
        {
            for (int step = 0; step < _workerOfStep.Length; step++)
            {
                if (_workerOfStep[step] != worker)
                {
                    continue;
                }
                if (!WaitForInputs(step, worker, run))
                {
                    return;
                }
                _turns?.Take(step);
                try
                {
                    RunStep(step, run);
                }
                finally
                {
                    _turns?.Give(step);
                }
            }
        }
        catch (Exception e)
        {
            Fail(e, run);
        }
    }

    private void RunStep(int step, long run)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (!_signals.IsBroken(run))
        {
            long start = Stopwatch.GetTimestamp();
            RunTiming timing = _steps!.Run(step);
            _trace.Record(step, start, Stopwatch.GetTimestamp(), timing);
            if (_exits is null || Decide(_exits, step, run))
            {
                _signals.Publish(step, run);
            }
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

    private static void RequireProcessors(Plan plan, IReadOnlyDictionary<string, IProcessor> processors)
    {
        foreach (string name in plan.Processors.Where(name => !processors.ContainsKey(name)))
        {
            throw new PlanException($"the plan needs processor '{name}', and this device has none: make a new plan with 'tandem plan'");
        }
    }

    /// <summary>
    /// Waits for a running inference, stops the workers, and frees the memory. What a worker that hangs still uses is freed when it
    /// comes back.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }
            _disposed = true;
            if (_crew is { IsIdle: false })
            {
                _crew.Abandon(Free);
                return;
            }
            _crew?.Dispose();
            Free();
        }
    }

    private void Free()
    {
        _steps?.Dispose();
        _tensors.Dispose();
        _signals.Dispose();
        _freed.SetResult();
    }
}
