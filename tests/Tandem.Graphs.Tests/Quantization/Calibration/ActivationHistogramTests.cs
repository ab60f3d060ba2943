using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Quantization.Calibration;

namespace Tandem.Graphs.Tests.Quantization.Calibration;

public sealed class ActivationHistogramTests
{
    [Fact]
    public void Quantiles_are_those_of_the_sorted_numbers_to_the_width_of_a_bin()
    {
        // Batches grow by orders of magnitude, so bins are widened on the way.
        Gen<float[][]> batches = ArbMap.Default.GeneratorFor<NormalFloat>()
            .Select(number => (float)(number.Get % 1000 * Math.Pow(10, Math.Abs(number.Get % 3))))
            .ArrayOf().ArrayOf();
        Prop.ForAll(batches.ToArbitrary(), runs =>
        {
            var histogram = new ActivationHistogram();
            foreach (float[] run in runs)
            {
                histogram.Add(run);
            }
            float[] sorted = [.. runs.SelectMany(run => run).Order()];
            Assert.Equal(sorted.Length, histogram.Total);
            Assert.Equal(sorted.Count(number => number == 0), histogram.ZeroCount);
            foreach (double share in new[] { 0.1, 0.5, 0.9, 1 })
            {
                int place = Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, Math.Max(0, sorted.Length - 1));
                float expected = sorted.Length == 0 ? 0 : sorted[place];
                Assert.InRange(histogram.Quantile(share), expected - (1.01f * histogram.Width), expected + (1.01f * histogram.Width));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Widening_keeps_every_count_in_the_bin_of_its_number()
    {
        var histogram = new ActivationHistogram();
        histogram.Add([1, -1, 0.5f, 0]);
        histogram.Add([1000, -3]);
        var expected = new long[ActivationHistogram.BinCount];
        foreach (float number in new[] { 1, -1, 0.5f, 1000, -3 })
        {
            expected[(int)MathF.Floor(number / histogram.Width) + (ActivationHistogram.BinCount / 2)]++;
        }
        Assert.Equal(expected, histogram.Counts.ToArray());
        Assert.Equal(1, histogram.ZeroCount);
    }
}
