using System.Diagnostics;
using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>Notes the times of a run without allocating; turned into a <see cref="Trace"/> when somebody asks.</summary>
internal sealed class TraceRecorder
{
    private readonly long[] _starts;
    private readonly long[] _ends;
    private readonly RunTiming[] _timings;
    private long _runStart;
    private long _runEnd;

    public TraceRecorder(int steps)
    {
        _starts = new long[steps];
        _ends = new long[steps];
        _timings = new RunTiming[steps];
    }

    public void StartRun() => _runStart = Stopwatch.GetTimestamp();

    public void EndRun() => _runEnd = Stopwatch.GetTimestamp();

    public void Record(int step, long start, long end, RunTiming timing)
    {
        _starts[step] = start;
        _ends[step] = end;
        _timings[step] = timing;
    }

    public double LastTotalMs => Ms(_runEnd - _runStart);

    public Trace ToTrace(Plan plan) => new(
        LastTotalMs,
        [.. plan.Steps.Select(step => new StepTrace(
            step,
            Ms(_starts[step.Id] - _runStart),
            Ms(_ends[step.Id] - _starts[step.Id]),
            Ms(_timings[step.Id].GatherTicks),
            Ms(_timings[step.Id].ComputeTicks),
            Ms(_timings[step.Id].ScatterTicks)))]);

    private static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
