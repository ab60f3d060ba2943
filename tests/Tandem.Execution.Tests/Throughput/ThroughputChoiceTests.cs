using Tandem.Planning;

namespace Tandem.Execution.Tests.Throughput;

public sealed class ThroughputChoiceTests
{
    private static readonly ThroughputPlan[] Ways = [Way("cpu"), Way(PolicyNames.BatchSplit), Way(PolicyNames.Pipeline)];

    [Theory]
    [InlineData(PolicyNames.Pipeline, 10, 20, 22)]
    [InlineData(PolicyNames.BatchSplit, 10, 20, 20.2)]
    [InlineData(PolicyNames.BatchSplit, 10, 20, 15)]
    [InlineData("cpu", 10, 10.1, 9)]
    public void Later_way_must_win_by_a_margin(string chosen, double cpu, double split, double pipeline)
    {
        ThroughputChoice choice = ThroughputChoice.Between(
            Ways, [[cpu, cpu, cpu, cpu], [split, split, split, split], [pipeline, pipeline, pipeline, pipeline]], 1.02);
        Assert.Equal(chosen, choice.Plan.Name);
        Assert.Equal([cpu, split, pipeline], Ways.Select(way => choice.PerSecond[way.Name]));
    }

    [Fact]
    public void Way_that_wins_in_three_rounds_of_five_only_is_not_chosen() => Assert.Equal(
        "cpu", ThroughputChoice.Between(Ways[..2], [[10, 10, 10, 10, 10], [14, 14, 14, 9, 9]], 1.02).Plan.Name);

    [Fact]
    public void Choice_is_steady_where_the_chosen_way_and_its_rival_were()
    {
        double[] quiet = [10, 10.2, 9.9, 10.1], disturbed = [5, 5, 9, 9], quietest = [20, 20, 20, 20];
        Assert.True(ThroughputChoice.Between([Ways[0]], [quiet], 1.02).IsSteady);
        Assert.True(ThroughputChoice.Between(Ways, [disturbed, quiet, quietest], 1.02).IsSteady);
        Assert.False(ThroughputChoice.Between(Ways[..2], [quiet, disturbed], 1.02).IsSteady);
        Assert.False(ThroughputChoice.Between(Ways[..2], [disturbed, quietest], 1.02).IsSteady);
    }

    private static ThroughputPlan Way(string name) => new([TestDevice.Halves(TestDevice.Network)]) { Name = name };
}
