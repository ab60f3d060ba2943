using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies;

/// <summary>A plain plan: one processor runs the whole network as one step.</summary>
public sealed class SingleProcessorPolicy : IPolicy
{
    /// <summary>Makes the policy.</summary>
    /// <param name="processor">Name of the processor, which is the policy's name too.</param>
    public SingleProcessorPolicy(string processor) => Name = processor;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool LearnsFromRuns => false;

    /// <inheritdoc/>
    public Plan MakePlan(PlanningProblem problem)
    {
        PlanProcessor processor = problem.Cooperating.Append(problem.AllCores).FirstOrDefault(p => p?.Name == Name)
            ?? throw new PlanException($"policy '{Name}' needs a processor of that name, and this device has none: "
                + "'tandem devices' lists what there is");
        if (problem.Predictor.Refusal(processor.Key, problem.AllKernels) is { } reason)
        {
            throw new PlanException($"policy '{Name}' cannot run the whole network: {reason}");
        }
        SliceSpec whole = SliceSpec.Of(problem.AllKernels);
        double predictedMs = problem.Predictor.Predict(processor.Key, whole).MeanMs;
        return problem.Assembler.Assemble(Name, [new StepDraft(Name, whole, predictedMs)]);
    }
}
