using System.Diagnostics;
using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>
/// Notes the times of a run without allocating; turned into a <see cref="Trace"/> when somebody asks. A run that fails leaves the
/// times of the last that succeeded as they were.
/// </summary>
internal sealed class TraceRecorder
{
    private Times _current;
    private Times _last;

    public TraceRecorder(int steps)
    {
        _current = new Times(steps);
        _last = new Times(steps);
    }

    /// <summary>What the last successful run took, in milliseconds; 0 where there was none.</summary>
    public double LastTotalMs => Ms(_last.RunEnd - _last.RunStart);

    /// <summary>A run begins.</summary>
    /// <param name="mayLeave">Whether some steps may not run.</param>
    public void StartRun(bool mayLeave)
    {
        // Steps that do not run must not show the times of an earlier run.
        if (mayLeave)
        {
            Array.Clear(_current.Starts);
            Array.Clear(_current.Ends);
            Array.Clear(_current.Timings);
        }
        _current.RunStart = Stopwatch.GetTimestamp();
    }


    /// <summary>The run has succeeded: its times are the last ones now.</summary>
    public void EndRun()
    {
        _current.RunEnd = Stopwatch.GetTimestamp();
        (_current, _last) = (_last, _current);
    }

    public void Record(int step, long start, long end, RunTiming timing)
    {
        _current.Starts[step] = start;
        _current.Ends[step] = end;
        _current.Timings[step] = timing;
    }

    /// <summary>
    /// How long each processor was occupied in the last successful run, in milliseconds: from when a step could have started (what
    /// it depends on and its processor's step before it had ended) to its end. A worker that the system gives no core counts as occupied,
    /// whether it lost the core while computing or while waiting to begin.
    /// </summary>
    /// <param name="dependsOn">For each step, the steps of other processors that it waits for.</param>
    /// <param name="processorOfStep">For each step, the place of its processor in the result.</param>
    /// <param name="occupiedMs">The result, one entry for each processor.</param>
    public void Occupied(int[][] dependsOn, int[] processorOfStep, Span<double> occupiedMs)
    {
        occupiedMs.Clear();
        Span<long> freeAt = stackalloc long[occupiedMs.Length];
        freeAt.Fill(_last.RunStart);
        for (int step = 0; step < processorOfStep.Length; step++)
        {
            int processor = processorOfStep[step];
            long ready = freeAt[processor];
            foreach (int dependency in dependsOn[step])
            {
                ready = Math.Max(ready, _last.Ends[dependency]);
            }
            occupiedMs[processor] += Ms(_last.Ends[step] - ready);
            freeAt[processor] = _last.Ends[step];
        }
    }

    public Trace ToTrace(Plan plan) => new(
        LastTotalMs,
        [.. plan.Steps.Select(step => _last.Ends[step.Id] == 0 && _last.RunEnd != 0 ? StepTrace.NotRun(step) : new StepTrace(
            step,
            Ms(_last.Starts[step.Id] - _last.RunStart),
            Ms(_last.Ends[step.Id] - _last.Starts[step.Id]),
            Ms(_last.Timings[step.Id].GatherTicks),
            Ms(_last.Timings[step.Id].ComputeTicks),
            Ms(_last.Timings[step.Id].ScatterTicks)))]);

    private static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;

    private sealed class Times(int steps)
    {
        public long[] Starts { get; } = new long[steps];
        public long[] Ends { get; } = new long[steps];
        public RunTiming[] Timings { get; } = new RunTiming[steps];
        public long RunStart { get; set; }
        public long RunEnd { get; set; }
    }
}
