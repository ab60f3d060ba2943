using FsCheck;
using FsCheck.Fluent;
using Tandem.Planning.Policies;

namespace Tandem.Planning.Tests;

public sealed class PipelineSearchTests
{
    private const int Cases = 300;

    [Fact]
    public void Busiest_processor_has_as_little_to_do_as_brute_force_finds() => ForAll(seed =>
    {
        var random = new Random(seed);
        int pieces = random.Next(1, 7);
        int processors = random.Next(1, 4);
        int mostStages = random.Next(1, 6);
        double[,,] ms = RandomCosts(random, pieces, processors);
        IReadOnlyList<PipelineStage> found = new PipelineSearch(pieces, processors, s => ms[s.First, s.End, s.Processor])
            .Find(mostStages, out double busiestMs);
        Assert.Equal(Least(0, -1, new double[processors], mostStages), busiestMs);
        if (double.IsInfinity(busiestMs))
        {
            Assert.Empty(found);
            return;
        }
        Assert.InRange(found.Count, 1, mostStages);
        Assert.Equal((0, pieces), (found[0].First, found[^1].End));
        Assert.All(found.Zip(found.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.First));
        Assert.Equal(busiestMs, found.GroupBy(s => s.Processor).Max(own => own.Sum(s => ms[s.First, s.End, s.Processor])), 9);

        double Least(int first, int previous, double[] loads, int left)
        {
            if (first == pieces)
            {
                return loads.Max();
            }
            double least = double.PositiveInfinity;
            for (int processor = 0; processor < processors && left > 0; processor++)
            {
                for (int end = first + 1; processor != previous && end <= pieces; end++)
                {
                    double[] longer = [.. loads];
                    longer[processor] = ms[first, end, processor] + longer[processor];
                    least = Math.Min(least, Least(end, processor, longer, left - 1));
                }
            }
            return least;
        }
    });

    [Fact]
    public void With_one_stage_a_processor_the_longest_stage_is_least() => ForAll(seed =>
    {
        var random = new Random(seed);
        int pieces = random.Next(2, 12);
        double[,,] ms = RandomCosts(random, pieces, 2, refusals: false);
        _ = new PipelineSearch(pieces, 2, s => ms[s.First, s.End, s.Processor]).Find(2, out double busiestMs);
        double least = Math.Min(ms[0, pieces, 0], ms[0, pieces, 1]);
        for (int cut = 1; cut < pieces; cut++)
        {
            least = Math.Min(least, Math.Max(ms[0, cut, 0], ms[cut, pieces, 1]));
            least = Math.Min(least, Math.Max(ms[0, cut, 1], ms[cut, pieces, 0]));
        }
        Assert.Equal(least, busiestMs);
    });

    [Fact]
    public void Processor_good_at_every_other_piece_owns_several_stages()
    {
        static double Ms(PipelineStage s) => Enumerable.Range(s.First, s.End - s.First).Sum(piece => piece % 2 == s.Processor ? 1.0 : 10);
        IReadOnlyList<PipelineStage> stages = new PipelineSearch(4, 2, Ms).Find(4, out double busiestMs);
        Assert.Equal(2, busiestMs);
        Assert.Equal([0, 1, 0, 1], stages.Select(s => s.Processor));
    }

    private static double[,,] RandomCosts(Random random, int pieces, int processors, bool refusals = true)
    {
        var ms = new double[pieces + 1, pieces + 1, processors];
        for (int first = 0; first < pieces; first++)
        {
            for (int end = first + 1; end <= pieces; end++)
            {
                for (int p = 0; p < processors; p++)
                {
                    // Few different times, so that states are equal now and then; not additive, as fused kernels are not.
                    ms[first, end, p] = refusals && random.Next(8) == 0 ? double.PositiveInfinity : random.Next(1, 8) + (end - first);
                }
            }
        }
        return ms;
    }

    private static void ForAll(Action<int> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), property));
}
