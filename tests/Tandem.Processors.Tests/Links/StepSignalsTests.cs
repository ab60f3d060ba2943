using Tandem.Processors.Links;

namespace Tandem.Processors.Tests.Links;

public sealed class StepSignalsTests
{
    [Fact]
    public void Two_threads_hand_over_a_hundred_thousand_times()
    {
        const int HandOvers = 100_000;
        using var signals = new StepSignals(2, 2);
        int turn = 0;
        int wrong = 0;
        void Play(int me, int other)
        {
            for (int run = 1; run <= HandOvers; run++)
            {
                // Each adds one in its turn, without any lock: a hand-over that came too early would be seen in the sum.
                if (me == 1 && !signals.Wait(me, other, run))
                {
                    wrong++;
                }
                turn++;
                signals.Publish(me, run);
                if (me == 0 && !signals.Wait(me, other, run))
                {
                    wrong++;
                }
            }
        }
        var second = new Thread(() => Play(1, 0));
        second.Start();
        Play(0, 1);
        second.Join();
        Assert.Equal((2 * HandOvers, 0), (turn, wrong));
    }

    [Fact]
    public void Sleeper_is_woken_by_the_step_it_waits_for()
    {
        using var signals = new StepSignals(3, 2);
        for (int run = 1; run <= 20; run++)
        {
            bool? result = null;
            int current = run;
            Thread waiter = Start(() => result = signals.Wait(1, 2, current));
            UntilAsleep(waiter);
            // Another step's end wakes it too, but must not satisfy it.
            signals.Publish(0, run);
            UntilAsleep(waiter);
            Assert.Null(result);
            signals.Publish(2, run);
            waiter.Join();
            Assert.True(result);
        }
    }

    [Fact]
    public void Broken_run_wakes_all_sleepers_and_the_next_run_works()
    {
        using var signals = new StepSignals(2, 3);
        var results = new bool?[3];
        Thread[] waiters = [.. Enumerable.Range(0, 3).Select(w => Start(() => results[w] = signals.Wait(w, 0, 1)))];
        Array.ForEach(waiters, UntilAsleep);
        Assert.False(signals.IsBroken(1));
        signals.Break(1);
        Array.ForEach(waiters, w => w.Join());
        Assert.Equal([false, false, false], results);
        Assert.True(signals.IsBroken(1));
        Assert.False(signals.IsBroken(2));
        signals.Publish(0, 2);
        Assert.True(signals.Wait(0, 0, 2));
    }

    [Fact]
    public void Spinning_waiter_sees_that_the_run_is_broken()
    {
        using var signals = new StepSignals(1, 1);
        signals.Break(5);
        Assert.False(signals.Wait(0, 0, 5));
        Assert.False(signals.Wait(0, 0, 4));
    }

    [Fact]
    public void Step_that_has_ended_needs_no_wait_even_in_a_broken_run()
    {
        using var signals = new StepSignals(1, 1);
        signals.Publish(0, 7);
        signals.Break(7);
        Assert.True(signals.Wait(0, 0, 7));
        Assert.True(signals.Wait(0, 0, 6));
    }

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static void UntilAsleep(Thread thread) => SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
}
