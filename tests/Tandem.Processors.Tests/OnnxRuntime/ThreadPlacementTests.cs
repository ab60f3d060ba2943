using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

public sealed class ThreadPlacementTests
{
    [Theory]
    [InlineData(1, new[] { 3 }, new[] { 3 }, null)]
    [InlineData(1, new int[0], new int[0], null)]
    [InlineData(2, new[] { 0, 1 }, new[] { 0 }, "2")]
    [InlineData(3, new[] { 4, 2, 7 }, new[] { 4 }, "3;8")]
    [InlineData(3, new[] { 0, 1 }, new[] { 0, 1 }, "1,2;1,2")]
    [InlineData(2, new[] { 0, 1, 2 }, new[] { 0, 1, 2 }, "1,2,3")]
    [InlineData(2, new int[0], new int[0], "1,2,3,4")]
    public void Threads_are_placed_on_cores(int threads, int[] cores, int[] caller, string? helpers)
    {
        var placement = ThreadPlacement.Of(threads, cores, [0, 1, 2, 3]);
        Assert.Equal(caller, placement.CallerCores);
        Assert.Equal(helpers, placement.HelperCores);
    }

    [Fact]
    public void Unknown_cores_of_the_process_leave_threads_as_they_are() =>
        Assert.Null(ThreadPlacement.Of(4, [], []).HelperCores);
}
