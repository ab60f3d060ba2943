using FsCheck;
using FsCheck.Fluent;

namespace Tandem.Graphs.Tests;

public sealed class MappedWeightsTests
{
    [Fact]
    public void Constants_have_the_same_contents_also_after_their_pages_were_given_back() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(20),
        Prop.ForAll(Gen.Choose(0, 60_000).ListOf(4).ToArbitrary(), counts =>
        {
            Constant[] constants = [.. counts.Select((count, i) => Numbered($"w{i}", count))];
            IReadOnlyList<Constant> mapped = MappedWeights.Map(constants);
            RequireSame(constants, mapped);
            MappedWeights.Discard(Holding(mapped));
            RequireSame(constants, mapped);
        }));

    [Fact]
    public void Cut_constants_outlive_the_whole_ones()
    {
        ReadOnlyMemory<byte> part = Part();
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.Equal(Numbered("w", 100_000).Data.Slice(4000, 4000).ToArray(), part.ToArray());
    }

    [Fact]
    public void Files_leave_nothing_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there a mapped file has no name");
        IReadOnlyList<Constant> mapped = MappedWeights.Map([Numbered("w", 100_000)]);
        Assert.Equal(100_000, mapped[0].Tensor.Shape.ElementCount);
        string maps = File.ReadAllText("/proc/self/maps");
        string line = maps.Split('\n').First(l => l.Contains(".weights", StringComparison.Ordinal));
        Assert.EndsWith("(deleted)", line, StringComparison.Ordinal);
        GC.KeepAlive(mapped);
    }

    private static ReadOnlyMemory<byte> Part() => MappedWeights.Map([Numbered("w", 100_000)])[0].Data.Slice(4000, 4000);

    private static Graph Holding(IEnumerable<Constant> constants)
    {
        var input = new Tensor("x", ElementType.Float32, new Shape(1));
        return new Graph(
            "holding", new Dictionary<string, int> { [""] = 13 }, [input], ["y"], [new Operator("relu", "Relu", ["x"], ["y"])], constants);
    }

    private static Constant Numbered(string name, int count) => Constant.Of<float>(
        name, ElementType.Float32, new Shape(count), [.. Enumerable.Range(0, count).Select(i => i + (float)name.Length)]);

    private static void RequireSame(IReadOnlyList<Constant> expected, IReadOnlyList<Constant> actual)
    {
        Assert.Equal(expected.Select(c => c.Tensor), actual.Select(c => c.Tensor));
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span)));
    }
}
