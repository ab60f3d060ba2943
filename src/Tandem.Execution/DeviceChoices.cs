using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Profiling;

namespace Tandem.Execution;

/// <summary>What processors are told to do in the way that was measured to be the best: how they share tensors, and which kernels they use.</summary>
internal static class DeviceChoices
{
    /// <summary>Whether there is anything to tell: devices of CPU cores have one way and need no profile to be used.</summary>
    public static bool Exist(IEnumerable<IProcessor> processors) => processors.OfType<IHandOverChoice>().Any(p => p.HandOvers.Count > 1);

    /// <summary>Tells the processors what a profile knows.</summary>
    public static void Apply(Profile profile, IReadOnlyList<IProcessor> processors)
    {
        HandOverProfiler.Apply(profile, processors);
        KernelTuner.Apply(profile, processors);
    }
}
