using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>A network whose kernels take known times in 8 bits on the CPU and on all cores, and in half precision on the GPU.</summary>
internal static class PrecisionCase
{
    /// <summary>What a kernel takes in 8 bits, and the whole network too; a half of its channels takes half of that.</summary>
    public const double Int8Ms = 0.25;

    private const double HalfMs = 0.2;

    public static Network Network { get; } = KernelDetector.Detect(ModelZoo.Make("squeezenet1.1", 64));

    /// <summary>The problem.</summary>
    /// <param name="hasHalf">Whether the GPU has half precision.</param>
    public static PlanningProblem Make(bool hasHalf = false)
    {
        PlanningProblem problem = PlanningCase.Make(Network, 1);
        foreach (Kernel kernel in Network.Kernels)
        {
            KernelRange range = new(kernel.Index, kernel.Index + 1);
            foreach (SliceSpec slice in new[] { SliceSpec.Of(range), new SliceSpec(range, SliceAxis.Channels, Share.FirstHalf) })
            {
                Add("key of cpu", slice with { Precision = NumericPrecision.Int8 }, Int8Ms);
                Add("key of gpu", slice with { Precision = NumericPrecision.Float16 }, HalfMs);
            }
        }
        SliceSpec whole = SliceSpec.Of(problem.AllKernels) with { Precision = NumericPrecision.Int8 };
        Add("key of cpu", whole, Int8Ms);
        Add("key of all", whole, Int8Ms);
        return WithEngines(problem, hasHalf);

        void Add(string processor, SliceSpec slice, double ms) => problem.Predictor.Profile.Add(
            KnownLatencies.Sample(processor, problem.Predictor.Keys.Of(slice), slice.Precision.ShortName(), ms * slice.Share.Size));
    }

    /// <summary>The same processors without any measurement in these precisions.</summary>
    public static PlanningProblem Unmeasured() => WithEngines(PlanningCase.Make(Network, 1), hasHalf: true);

    private static PlanningProblem WithEngines(PlanningProblem problem, bool hasHalf) => problem with
    {
        Cooperating = [problem.Cooperating[0] with { HasIntegerKernels = true }, problem.Cooperating[1] with { HasHalfPrecision = hasHalf }],
        AllCores = problem.AllCores! with { HasIntegerKernels = true },
    };
}
