using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning;

/// <summary>
/// Checks a plan that may come from a file against the network that it is for: a plan that waits for too little would give wrong
/// numbers now and then, and one that waits for itself would never end.
/// </summary>
public static class PlanCheck
{
    /// <summary>Checks a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="network">The network.</param>
    /// <param name="signature">The network's signature.</param>
    /// <returns>The slice of each step.</returns>
    /// <exception cref="PlanException">
    /// The plan is for another network, its steps are not in order, do not make everything that is read exactly once, or do not
    /// wait for what they read, or it lacks an exit of the network.
    /// </exception>
    public static IReadOnlyList<Slice> Require(Plan plan, Network network, string signature)
    {
        if (plan.NetworkSignature != signature)
        {
            throw new PlanException($"the plan was made for another network ('{plan.Network}'): make a new one with 'tandem plan'");
        }
        var written = new WrittenRanges(network.Graph);
        var slices = new Slice[plan.Steps.Count];
        for (int id = 0; id < slices.Length; id++)
        {
            Step step = plan.Steps[id];
            RequireOrder(step, id);
            slices[id] = Cut(step, network);
            if (written.Add(id, step.Slice, slices[id]).Except(step.DependsOn).ToArray() is [int forgotten, ..])
            {
                throw new PlanException($"step {id} of the plan reads what step {forgotten} makes, but does not wait for it");
            }
        }
        written.RequireOutputs();
        PlanExits.Require(plan, ExitStages.Of(network), written);
        return slices;
    }

    private static void RequireOrder(Step step, int place)
    {
        if (step.Id != place)
        {
            throw new PlanException($"the plan's step {place} has the id {step.Id}: ids count from 0 in the order of the steps");
        }
        if (step.DependsOn.Any(before => before < 0 || before >= place))
        {
            throw new PlanException($"step {place} of the plan waits for a step that is not before it");
        }
    }

    private static Slice Cut(Step step, Network network)
    {
        (KernelRange kernels, SliceAxis axis, Share share) = step.Slice;
        bool isRange = kernels.First >= 0 && kernels.First < kernels.End && kernels.End <= network.Kernels.Count;
        bool isShare = axis == SliceAxis.None ? share == Share.All : share is { Begin: >= 0, End: <= 1, Size: > 0 };
        // Partial sums stay in float32: in 8 bits each summand would be rounded by a scale that was found for the whole sum.
        bool isSum = axis == SliceAxis.InputChannels
            ? step.Slice is { Summands: 0, Part: >= 0 and < SliceSpec.MostParts, Precision: NumericPrecision.Float32 }
            : step.Slice is { Summands: 0, Part: 0 }
                or { Summands: > 1 and <= SliceSpec.MostParts, Part: 0, Precision: NumericPrecision.Float32 };
        if (!isRange || !isShare || !isSum || !Enum.IsDefined(axis) || !Enum.IsDefined(step.Slice.Precision))
        {
            throw new PlanException($"step {step.Id} of the plan is no part of the network's {network.Kernels.Count} kernels: {step.Slice}");
        }
        try
        {
            return step.Slice.Cut(network);
        }
        catch (SlicingException e)
        {
            throw new PlanException($"step {step.Id} of the plan cannot be cut out of the network: {e.Message}", e);
        }
    }
}
