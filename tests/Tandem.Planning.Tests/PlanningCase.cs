using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>A random network with random latencies on two processors and on all cores.</summary>
internal static class PlanningCase
{
    public const double HandOverMs = 0.01;
    private const int Cases = 30;

    /// <summary>The problem of a seed.</summary>
    public static PlanningProblem Make(int seed, Func<string, Kernel, bool>? refuses = null) =>
        Make(RandomNetworks.Any(seed), seed, refuses);

    /// <summary>The problem of planning a given network.</summary>
    public static PlanningProblem Make(Network network, int seed, Func<string, Kernel, bool>? refuses = null) => new(
        network,
        [new("cpu", "key of cpu"), new("gpu", "key of gpu")],
        new("ort-all-cores", "key of all"),
        new SlicePredictor(network, KnownLatencies.Of(network, seed, ["key of cpu", "key of gpu", "key of all"], refuses)),
        HandOverMs);

    /// <summary>Checks a property of many seeds.</summary>
    public static void ForAll(Action<int> property) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Cases),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), property));

    /// <summary>The least that any segmentation costs, by trying all of them.</summary>
    public static double Least(PlanningProblem problem, Func<Segment, double> cost)
    {
        var costs = new SegmentCosts(problem);
        int count = problem.Network.Kernels.Count;
        return From(0);

        double From(int first)
        {
            double least = first == count ? 0 : double.PositiveInfinity;
            for (int end = first + 1; end <= count; end++)
            {
                var kernels = new KernelRange(first, end);
                Segment?[] ways =
                [
                    .. costs.OnEach(kernels),
                    .. new[] { SliceAxis.Channels, SliceAxis.Rows, SliceAxis.InputChannels }.Select(axis => costs.Divided(kernels, axis)),
                ];
                least = Math.Min(least, ways.Min(w => w is null ? double.PositiveInfinity : cost(w)) + From(end));
            }
            return least;
        }
    }
}
