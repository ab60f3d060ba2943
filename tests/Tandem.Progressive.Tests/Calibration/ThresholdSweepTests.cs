using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Exits;
using Tandem.Progressive.Calibration;

namespace Tandem.Progressive.Tests.Calibration;

public sealed class ThresholdSweepTests
{
    private static readonly Gen<ExitDecisions> Decisions =
        from seed in Gen.Choose(0, int.MaxValue)
        from exits in Gen.Choose(1, 6)
        from images in Gen.Choose(1, 60)
        from classes in Gen.Choose(2, 5)
        select new ExitDecisions(RandomScores.Of(seed, exits, images, classes), [.. Enumerable.Range(1, exits).Select(i => 0.5 + (0.3 * i))]);

    [Fact]
    public void Every_threshold_does_what_asking_exit_after_exit_does() => Check(decisions =>
    {
        foreach (OperatingPoint point in ThresholdSweep.Of(decisions))
        {
            int[] leaving = new int[decisions.Exits];
            int right = 0;
            for (int image = 0; image < decisions.Images; image++)
            {
                int at = Enumerable.Range(0, decisions.Exits)
                    .First(exit => exit == decisions.Exits - 1 || decisions.ConfidenceOf(exit, image) >= point.Thresholds[exit]);
                leaving[at]++;
                right += decisions.IsRight(at, image) ? 1 : 0;
            }
            Assert.Equal((double)right / decisions.Images, point.Accuracy, 12);
            Assert.Equal(leaving.Select(count => (double)count / decisions.Images), point.Shares);
            Assert.Equal(1, point.Shares.Sum(), 9);
        }
    });

    [Fact]
    public void Threshold_0_lets_all_leave_at_once_and_above_1_none() => Check(decisions =>
    {
        IReadOnlyList<OperatingPoint> points = ThresholdSweep.Of(decisions, [0, ThresholdSweep.Never]);
        Assert.Equal(1, points[0].Shares[0]);
        Assert.Equal(1, points[1].Shares[^1]);
    });

    [Fact]
    public void Higher_thresholds_never_cost_less() => Check(decisions =>
    {
        double[] macs = RandomScores.Macs(decisions.Exits);
        double[] costs = [.. ThresholdSweep.Of(decisions).Select(point => point.Expected(macs))];
        Assert.All(costs.Zip(costs.Skip(1)), pair => Assert.True(pair.First <= pair.Second + 1e-9));
    });

    [Fact]
    public void The_front_is_what_no_point_beats() => Check(decisions =>
    {
        double[] macs = RandomScores.Macs(decisions.Exits);
        IReadOnlyList<OperatingPoint> points = ThresholdSweep.Of(decisions);
        IReadOnlyList<OperatingPoint> front = ParetoFront.Of(points, macs);

        Assert.All(front, kept => Assert.DoesNotContain(points, other => Beats(other, kept, macs)));
        Assert.All(points, point => Assert.True(
            front.Contains(point) || front.Any(kept => Beats(kept, point, macs) || IsEqual(kept, point, macs))));
    });

    [Fact]
    public void The_choice_is_the_cheapest_that_is_accurate_enough() => Check(decisions =>
    {
        double[] macs = RandomScores.Macs(decisions.Exits);
        IReadOnlyList<OperatingPoint> points = ThresholdSweep.Of(decisions);
        double least = points[^1].Accuracy - 0.05;
        OperatingPoint chosen = ThresholdSweep.Choose(points, macs, least);

        Assert.True(chosen.Accuracy >= least - 1e-9);
        Assert.All(points.Where(p => p.Accuracy >= least), p => Assert.True(chosen.Expected(macs) <= p.Expected(macs)));
    });

    [Fact]
    public void Thresholds_of_their_own_are_never_worse_than_one_for_all() => Check(decisions =>
    {
        double[] macs = RandomScores.Macs(decisions.Exits);
        IReadOnlyList<OperatingPoint> common = ThresholdSweep.Of(decisions);
        IReadOnlyList<OperatingPoint> own = new ThresholdSearch(decisions, macs).Front(common);

        foreach (double loss in new[] { 0, 0.01, 0.1 })
        {
            double least = common[^1].Accuracy - loss;
            Assert.True(ThresholdSweep.Choose(own, macs, least).Expected(macs) <= ThresholdSweep.Choose(common, macs, least).Expected(macs) + 1e-9);
        }
        Assert.All(own, point => Assert.Equal(decisions.At(point.Thresholds).Accuracy, point.Accuracy));
    }, cases: 20);

    [Fact]
    public void The_search_finds_that_only_the_second_exit_is_any_good()
    {
        // Exit 1 is sure and wrong, exit 2 sure and right, exit 3 right and dear.
        float[] wrong = [.. Enumerable.Repeat(new float[] { 9, 0 }, 10).SelectMany(x => x)];
        float[] right = [.. Enumerable.Repeat(new float[] { 0, 9 }, 10).SelectMany(x => x)];
        var decisions = new ExitDecisions(new ExitScores([wrong, right, right], [.. Enumerable.Repeat(1, 10)], 2), [1, 1, 1]);
        double[] macs = [10, 20, 100];

        OperatingPoint best = ThresholdSweep.Choose(new ThresholdSearch(decisions, macs).Front(ThresholdSweep.Of(decisions)), macs, 1);

        Assert.Equal([0, 1, 0], best.Shares);
        Assert.Equal(20, best.Expected(macs));
    }

    private static bool Beats(OperatingPoint a, OperatingPoint b, double[] macs) =>
        a.Expected(macs) <= b.Expected(macs) && a.Accuracy >= b.Accuracy && !IsEqual(a, b, macs);

    private static bool IsEqual(OperatingPoint a, OperatingPoint b, double[] macs) =>
        a.Expected(macs) == b.Expected(macs) && a.Accuracy == b.Accuracy;

    private static void Check(Action<ExitDecisions> holds, int cases = 60) => Prop.ForAll(Decisions.ToArbitrary(), holds)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(cases));
}
