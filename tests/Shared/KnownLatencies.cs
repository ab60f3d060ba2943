using Tandem.Graphs.Kernels;
using Tandem.Prediction;
using Tandem.Prediction.Store;

namespace Tandem.Tests;

/// <summary>Profiles of processors that were never measured: latencies are drawn from a seed.</summary>
internal static class KnownLatencies
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Latencies of every kernel and of the whole network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">Repeats the latencies.</param>
    /// <param name="processors">Keys of the processors.</param>
    /// <param name="refuses">Whether a processor refuses a kernel.</param>
    public static Profile Of(
        Network network, int seed, IEnumerable<string> processors, Func<string, Kernel, bool>? refuses = null)
    {
        var random = new Random(seed);
        var keys = new SliceKeys(network);
        var profile = new Profile();
        foreach (string processor in processors)
        {
            double sum = 0;
            bool refusesOne = false;
            foreach (Kernel kernel in network.Kernels)
            {
                string key = keys.Of(new KernelRange(kernel.Index, kernel.Index + 1));
                if (refuses?.Invoke(processor, kernel) == true)
                {
                    profile.AddRefusal(processor, key, $"{processor} has no {kernel.Type}");
                    refusesOne = true;
                }
                else if (profile.Find(processor, key) is null)
                {
                    profile.Add(Sample(processor, key, kernel.Type, 0.05 + random.NextDouble() * 3));
                }
                sum += profile.Find(processor, key)?.MedianMilliseconds ?? 0;
            }
            if (refusesOne)
            {
                profile.AddRefusal(processor, keys.Whole, $"{processor} refuses a kernel");
            }
            else
            {
                profile.Add(Sample(processor, keys.Whole, "all", sum * (0.8 + random.NextDouble() * 0.2)));
            }
        }
        return profile;
    }

    /// <summary>A sample whose percentiles lie a tenth around its median.</summary>
    public static Sample Sample(string processor, string key, string description, double median) =>
        new(processor, key, description, median, median * 0.9, median * 1.1, 9, Noon);
}
