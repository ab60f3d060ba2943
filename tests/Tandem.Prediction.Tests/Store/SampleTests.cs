using FsCheck;
using FsCheck.Fluent;
using Tandem.Prediction.Store;

namespace Tandem.Prediction.Tests.Store;

public sealed class SampleTests
{
    [Fact]
    public void Runs_are_summed_up_by_their_percentiles()
    {
        double[] runs = [.. Enumerable.Range(0, 11).Select(i => (double)(10 - i))];

        Sample sample = Sample.FromRuns("cpu", "00ff", "Conv", runs, new FixedClock());

        Assert.Equal((5, 1, 9, 11), (sample.MedianMilliseconds, sample.P10Milliseconds, sample.P90Milliseconds, sample.RunCount));
        Assert.Equal(StoreFolder.Noon, sample.TakenAt);
    }

    [Fact]
    public void An_even_count_takes_the_middle_of_two() =>
        Assert.Equal(2.5, Sample.FromRuns("cpu", "0", "Conv", [4, 1, 2, 3], new FixedClock()).MedianMilliseconds);

    [Fact]
    public void Percentiles_are_in_order_and_among_the_runs() =>
        Prop.ForAll(Gen.Choose(0, 100000).NonEmptyListOf().Select(list => list.Select(i => i / 1000.0).ToArray()).ToArbitrary(), runs =>
        {
            Sample sample = Sample.FromRuns("cpu", "0", "Conv", runs, new FixedClock());
            return runs.Min() <= sample.P10Milliseconds && sample.P10Milliseconds <= sample.MedianMilliseconds
                && sample.MedianMilliseconds <= sample.P90Milliseconds && sample.P90Milliseconds <= runs.Max();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_runs_or_broken_ones_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Sample.FromRuns("cpu", "0", "Conv", [], new FixedClock()));
        Assert.Throws<ArgumentException>(() => Sample.FromRuns("cpu", "0", "Conv", [1, double.NaN], new FixedClock()));
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => StoreFolder.Noon;
    }
}
