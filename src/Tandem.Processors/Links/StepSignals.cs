using System.Diagnostics;

namespace Tandem.Processors.Links;

/// <summary>
/// How worker threads tell each other that a step has ended: the waiting thread spins for a while, then sleeps. While it spins
/// a hand-over takes well under a microsecond of work; nobody pays for a sleeper's wake-up unless there is a sleeper.
/// </summary>
public sealed class StepSignals : IDisposable
{
    // One cache line for each flag, so that threads on two cores do not fight over lines.
    private const int Stride = 16;

    // Long enough for any gap in a balanced plan, short enough not to burn a core while another processor works alone. On a
    // single core the other thread can only go on when this one sleeps.
    private static readonly long SpinTicks = Environment.ProcessorCount > 1 ? Stopwatch.Frequency / 500 : 0;

    private readonly long _spinTicks;
    private readonly long[] _endedIn;
    private readonly int[] _sleeping;
    private readonly ManualResetEventSlim[] _wake;
    private long _brokenRun;

    /// <summary>Makes the flags of a plan.</summary>
    /// <param name="steps">How many steps there are.</param>
    /// <param name="workers">How many threads wait for steps.</param>
    /// <param name="spins">Whether a thread that waits may keep its core for a while; false where another works on that core meanwhile.</param>
    public StepSignals(int steps, int workers, bool spins = true)
    {
        _spinTicks = spins ? SpinTicks : 0;
        _endedIn = new long[Math.Max(1, steps) * Stride];
        _sleeping = new int[workers * Stride];
        _wake = new ManualResetEventSlim[workers];
        for (int w = 0; w < workers; w++)
        {
            _wake[w] = new ManualResetEventSlim(false, spinCount: 0);
        }
    }

    /// <summary>Tells everyone that a step has ended in a run.</summary>
    public void Publish(int step, long run)
    {
        Volatile.Write(ref _endedIn[step * Stride], run);
        WakeSleepers();
    }

    /// <summary>Tells everyone that a run cannot go on, so that nobody waits for steps that never end.</summary>
    public void Break(long run)
    {
        Volatile.Write(ref _brokenRun, run);
        WakeSleepers();
    }

    /// <summary>Whether a run was broken.</summary>
    public bool IsBroken(long run) => Volatile.Read(ref _brokenRun) >= run;

    /// <summary>Waits until a step has ended in a run; false where the run was broken first.</summary>
    public bool Wait(int worker, int step, long run)
    {
        ref long endedIn = ref _endedIn[step * Stride];
        if (Volatile.Read(ref endedIn) >= run)
        {
            return true;
        }
        long deadline = Stopwatch.GetTimestamp() + _spinTicks;
        while (Stopwatch.GetTimestamp() < deadline)
        {
            for (int i = 0; i < 32; i++)
            {
                if (Volatile.Read(ref endedIn) >= run)
                {
                    return true;
                }
                Thread.SpinWait(1);
            }
            if (IsBroken(run))
            {
                return false;
            }
        }
        return Sleep(worker, ref endedIn, run);
    }

    private bool Sleep(int worker, ref long endedIn, long run)
    {
        ref int sleeping = ref _sleeping[worker * Stride];
        while (true)
        {
            _wake[worker].Reset();
            Volatile.Write(ref sleeping, 1);
            // Without the fence the publisher could miss the sleeper while the sleeper misses the flag.
            Interlocked.MemoryBarrier();
            bool ended = Volatile.Read(ref endedIn) >= run;
            if (ended || IsBroken(run))
            {
                Volatile.Write(ref sleeping, 0);
                return ended;
            }
            _wake[worker].Wait();
            Volatile.Write(ref sleeping, 0);
        }
    }

    private void WakeSleepers()
    {
        Interlocked.MemoryBarrier();
        for (int w = 0; w < _wake.Length; w++)
        {
            if (Volatile.Read(ref _sleeping[w * Stride]) != 0)
            {
                _wake[w].Set();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ManualResetEventSlim wake in _wake)
        {
            wake.Dispose();
        }
    }
}
