using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;

namespace Tandem.Planning.Policies;

/// <summary>
/// One processor runs the whole network as one step on its 8-bit integer kernels. No plain plan: its outputs are not the network's own,
/// and so nothing chooses it unless it is asked for by name, or the user's budget of error allows it.
/// </summary>
public sealed class QuantizedProcessorPolicy : IPolicy
{
    private readonly string _processor;

    /// <summary>Makes the policy.</summary>
    /// <param name="name">One of <see cref="PolicyNames"/>.</param>
    /// <param name="processor">Name of the processor.</param>
    public QuantizedProcessorPolicy(string name, string processor)
    {
        Name = name;
        _processor = processor;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool LearnsFromRuns => false;

    /// <inheritdoc/>
    public Int8Measurements Int8Measurements => Int8Measurements.WholeNetwork;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        PlanProcessor processor = problem.Cooperating.Append(problem.AllCores)
            .FirstOrDefault(p => p?.Name == _processor && p.HasIntegerKernels)
            ?? throw new PlanException($"policy '{Name}' needs a processor '{_processor}' with kernels for 8-bit integers, and this "
                + "device has none: 'tandem devices' lists what there is");
        SliceSpec whole = SliceSpec.Of(problem.AllKernels) with { Precision = NumericPrecision.Int8 };
        if (problem.Predictor.Profile.Refusal(processor.Key, problem.Predictor.Keys.Of(whole)) is { } reason)
        {
            throw new PlanException($"policy '{Name}' cannot run the whole network: {reason}");
        }
        Latency predicted = problem.Predictor.Predict(processor.Key, whole);
        return problem.Assembler.Assemble(Name, [new StepDraft(_processor, whole, predicted.MeanMs)]);
    }
}
