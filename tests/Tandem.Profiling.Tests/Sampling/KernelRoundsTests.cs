using Tandem.Profiling.Sampling;

namespace Tandem.Profiling.Tests.Sampling;

public sealed class KernelRoundsTests
{
    [Fact]
    public void A_slow_moment_that_the_reference_shares_is_corrected()
    {
        var rounds = new KernelRounds();
        rounds.Add(0, 10, 1, 3);
        rounds.Add(1, 20, 2, 3);
        Assert.Equal((10.0, 20.0), rounds.Halves(null));
        Assert.Equal((10.0, 10.0), rounds.Halves(1));
        Assert.Equal(15, rounds.Statistics(null).MedianMs);
        Assert.Equal(10, rounds.Statistics(1).MedianMs);
        Assert.Equal(6, rounds.RunCount);
    }

    [Fact]
    public void One_pass_has_no_halves()
    {
        var rounds = new KernelRounds();
        rounds.Add(0, 10, 1, 3);
        rounds.Add(0, 11, 1, 3);
        Assert.Null(rounds.Halves(null));
        Assert.Equal(2, rounds.Count);
    }
}
