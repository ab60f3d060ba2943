using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>The steps of a plan, compiled and tied to the memory of the tensors that they hand to each other.</summary>
internal sealed class BoundSteps : IDisposable
{
    private readonly Plan _plan;
    private readonly CompiledSlices _compiled;
    private readonly IProcessor[] _processorOfStep;
    private readonly IBoundSlice?[] _bound;

    public BoundSteps(Plan plan, CompiledSlices compiled, IProcessor[] processorOfStep, IReadOnlyList<Slice> slices, SharedTensors tensors)
    {
        _plan = plan;
        _compiled = compiled;
        _processorOfStep = processorOfStep;
        _bound = new IBoundSlice?[plan.Steps.Count];
        try
        {
            foreach (Step step in plan.Steps)
            {
                _bound[step.Id] = Bind(step, slices[step.Id], tensors);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a step on the calling thread.</summary>
    public RunTiming Run(int step) => _bound[step]!.Run();

    private IBoundSlice Bind(Step step, Slice slice, SharedTensors tensors)
    {
        ICompiledSlice compiled = _compiled.Acquire(_processorOfStep[step.Id], step.Slice, slice);
        try
        {
            return compiled.Bind([.. slice.Inputs.Select(tensors.View)], [.. slice.Outputs.Select(tensors.View)]);
        }
        catch
        {
            _compiled.Release(_processorOfStep[step.Id], step.Slice);
            throw;
        }
    }

    public void Dispose()
    {
        for (int step = 0; step < _bound.Length; step++)
        {
            if (_bound[step] is { } bound)
            {
                bound.Dispose();
                _compiled.Release(_processorOfStep[step], _plan.Steps[step].Slice);
            }
        }
    }
}
