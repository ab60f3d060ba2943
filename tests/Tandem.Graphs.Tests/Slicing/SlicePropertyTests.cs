using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// For random networks and random shares: the slices cover every output element exactly once, and their numbers are the
/// whole's.
/// </summary>
public sealed class SlicePropertyTests
{
    private const int Cases = 300;

    [Theory]
    [InlineData("conv")]
    [InlineData("depthwise")]
    [InlineData("grouped")]
    [InlineData("pool")]
    [InlineData("transposed")]
    [InlineData("spatial")]
    [InlineData("pointwise")]
    public void Rows_of_one_operator_equal_the_whole(string kind) =>
        ForRandom(dice => RandomRegions.Single(dice, kind), SliceAxis.Rows);

    [Theory]
    [InlineData("conv")]
    [InlineData("depthwise")]
    [InlineData("grouped")]
    [InlineData("pool")]
    [InlineData("transposed")]
    [InlineData("spatial")]
    [InlineData("pointwise")]
    public void Channels_of_one_operator_equal_the_whole(string kind) =>
        ForRandom(dice => RandomRegions.Single(dice, kind), SliceAxis.Channels);

    [Fact]
    public void Rows_of_a_chain_equal_the_whole() => ForRandom(RandomRegions.RowChain, SliceAxis.Rows);

    [Fact]
    public void Channels_of_a_chain_equal_the_whole() => ForRandom(RandomRegions.ChannelChain, SliceAxis.Channels);

    [Fact]
    public void Rows_of_branches_equal_the_whole() => ForRandom(RandomRegions.Branches, SliceAxis.Rows);

    private static void ForRandom(Func<Dice, Graph?> make, SliceAxis axis)
    {
        int checkedCases = 0;
        Property property = Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var dice = new Dice(seed);
            if (make(dice) is not { } graph)
            {
                return;
            }
            Network network = PartitionCheck.Unfused(graph);
            int[] kernels = [.. Enumerable.Range(0, network.Kernels.Count)];
            var check = new PartitionCheck(network, seed);
            IReadOnlyList<Share> shares = PartitionCheck.Shares(dice.Cuts());
            if (check.HasNoEmptyShare(kernels, axis, shares) && !LiesInPadding(network, kernels, axis, shares))
            {
                check.Run(kernels, axis, shares);
                checkedCases++;
            }
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), property);
        Assert.True(checkedCases > Cases / 10, $"only {checkedCases} of {Cases} random cases could be checked");
    }

    // Strides wider than the input and its padding may leave no window that reads anything: the one refusal of a plain
    // operator.
    private static bool LiesInPadding(
        Network network, IReadOnlyList<int> kernels, SliceAxis axis, IReadOnlyList<Share> shares) =>
        shares.Any(s => !Slicer.CanCut(network, kernels, axis, s, out string reason)
            && (reason.Contains("lies in padding", StringComparison.Ordinal)
                || reason.Contains("padding is larger", StringComparison.Ordinal)));
}
