using FsCheck;
using FsCheck.Fluent;
using Tandem.Execution.Adaptation;

namespace Tandem.Execution.Tests.Adaptation;

public sealed class RecentMedianTests
{
    [Fact]
    public void Value_lies_among_those_that_came_in() => Check.One(
        Config.QuickThrowOnFailure,
        Prop.ForAll(
            Gen.Choose(1, 1000).Select(v => v / 10.0).NonEmptyListOf().Select(l => l.ToArray()).ToArbitrary(),
            Gen.Choose(1, 500).ToArbitrary(),
            (double[] values, int stepMs) =>
            {
                var median = new RecentMedian(100);
                for (int i = 0; i < values.Length; i++)
                {
                    median.Add(values[i], i * stepMs);
                }
                Assert.Contains(median.Value, values.TakeLast(32));
            }));

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(1000)]
    public void One_outlier_moves_nothing_and_a_step_is_followed(double spacingMs)
    {
        var median = new RecentMedian(100);
        double now = 0;
        for (int i = 0; i < 40; i++)
        {
            median.Add(1, now += spacingMs);
        }
        median.Add(50, now += spacingMs);
        Assert.Equal(1, median.Value);
        for (int i = 0; i < 40; i++)
        {
            median.Add(1, now += spacingMs);
        }
        int needed = 0;
        while (median.Value < 2)
        {
            median.Add(2, now += spacingMs);
            needed++;
        }
        Assert.InRange(needed, 3, 17);
        Assert.True(spacingMs < 25 || needed <= 5, $"{needed} values");
    }

    [Fact]
    public void Cleared_it_knows_nothing()
    {
        var median = new RecentMedian(100);
        median.Add(3, 1);
        median.Clear();
        Assert.True(double.IsNaN(median.Value));
        median.Add(5, 2);
        Assert.Equal((5, 1), (median.Value, median.Count));
    }
}
