using FsCheck;
using FsCheck.Fluent;
using Tandem.Execution.Throughput;

namespace Tandem.Execution.Tests.Throughput;

/// <summary>The schedule on a clock that the test moves: lanes of known latency, and inferences that come at known times.</summary>
public sealed class LaneScheduleTests
{
    [Fact]
    public void Each_inference_runs_once_and_all_end_within_the_bound_of_list_scheduling() => ForAll((latencies, count) =>
    {
        (List<(int Lane, int Inference)> order, double endMs) = Simulate(latencies, latencies, count);
        Assert.Equal(Enumerable.Range(0, count), order.Select(o => o.Inference).Order());
        // At best every lane works without a pause; the last inference of a lane may end as late as its latency after that.
        double idealMs = count / latencies.Sum(ms => 1 / ms);
        Assert.InRange(endMs, 0, idealMs + latencies.Max() + 1e-6);
        // Nor is it ever slower than the fastest lane alone.
        Assert.InRange(endMs, 0, (count * latencies.Min()) + 1e-6);
    });

    [Fact]
    public void Wrong_predictions_are_corrected_by_what_is_measured() => ForAll((latencies, count) =>
    {
        double[] predicted = [.. latencies.Reverse()];
        (List<(int Lane, int Inference)> order, double endMs) = Simulate(latencies, predicted, count);
        Assert.Equal(count, order.Count);
        double idealMs = count / latencies.Sum(ms => 1 / ms);
        // A lane may be misjudged for its first inference, which is not counted, and the second.
        Assert.InRange(endMs, 0, idealMs + (4 * latencies.Max()) + 1e-6);
    });

    [Fact]
    public void Lane_that_would_end_later_leaves_an_inference_to_the_faster_one()
    {
        var schedule = new LaneSchedule([1, 10]);
        schedule.Begin(0, 0);
        Assert.Equal(-1, schedule.Next(1, 1, 0.5));
        Assert.Equal(-1, schedule.Next(1, 8, 0.5));
        // The tenth would end sooner here than behind nine others.
        Assert.Equal(9, schedule.Next(1, 10, 0.5));
    }

    [Fact]
    public void Lane_that_is_late_is_not_waited_for()
    {
        var schedule = new LaneSchedule([1, 10]);
        schedule.Begin(0, 0);
        Assert.Equal(-1, schedule.Next(1, 1, 5));
        Assert.Equal(0, schedule.Next(1, 1, 11));
    }

    [Fact]
    public void Lane_that_failed_takes_nothing_and_is_not_waited_for()
    {
        var schedule = new LaneSchedule([1, 10]);
        schedule.Remove(0);
        Assert.Equal((-1, 0), (schedule.Next(0, 3, 0), schedule.Next(1, 3, 0)));
    }

    [Fact]
    public void Lanes_of_unknown_latency_all_begin_at_once()
    {
        var schedule = new LaneSchedule([0, 0, 0]);
        for (int lane = 0; lane < 3; lane++)
        {
            Assert.Equal(0, schedule.Next(lane, 1, 0));
            schedule.Begin(lane, 0);
        }
    }

    private static (List<(int Lane, int Inference)> Order, double EndMs) Simulate(double[] latencies, double[] predicted, int count)
    {
        var schedule = new LaneSchedule(predicted);
        List<int> waiting = [.. Enumerable.Range(0, count)];
        List<(int, int)> order = [];
        var endMs = new double[latencies.Length];
        Array.Fill(endMs, double.PositiveInfinity);
        double nowMs = 0;
        while (true)
        {
            for (int lane = 0; lane < latencies.Length; lane++)
            {
                int place = double.IsFinite(endMs[lane]) ? -1 : schedule.Next(lane, waiting.Count, nowMs);
                if (place >= 0)
                {
                    order.Add((lane, waiting[place]));
                    waiting.RemoveAt(place);
                    schedule.Begin(lane, nowMs);
                    endMs[lane] = nowMs + latencies[lane];
                }
            }
            int next = Array.IndexOf(endMs, endMs.Min());
            if (double.IsInfinity(endMs[next]))
            {
                Assert.Empty(waiting);
                return (order, nowMs);
            }
            nowMs = endMs[next];
            endMs[next] = double.PositiveInfinity;
            schedule.End(next, nowMs, isSuccess: true);
        }
    }

    private static void ForAll(Action<double[], int> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(
            Gen.Choose(1, 4).SelectMany(lanes => Gen.Choose(10, 300).Select(v => v / 10.0).ArrayOf(lanes)).ToArbitrary(),
            Gen.Choose(0, 60).ToArbitrary(),
            property));
}
