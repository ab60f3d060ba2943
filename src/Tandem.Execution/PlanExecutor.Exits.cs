using Tandem.Execution.Exits;
using Tandem.Processors;

namespace Tandem.Execution;

/// <content>What is done for progressive networks.</content>
public sealed partial class PlanExecutor
{
    /// <summary>Whether the last inference left before the network's end, so that its trace lacks steps.</summary>
    internal bool HasLeftEarly => _exits is { HasLeftEarly: true };

    /// <summary>
    /// Runs one inference of a progressive network until an exit is sure enough. Outputs of later exits keep what they had; an inference run
    /// without thresholds computes all of them.
    /// </summary>
    /// <param name="state">Given to fill.</param>
    /// <param name="fill">Feeds the inputs' memory.</param>
    /// <param name="thresholds">How sure exits must be.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>Where it left.</returns>
    /// <exception cref="InputException">The network has no exits, or the thresholds do not fit it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    /// <exception cref="ProcessorFailedException">A processor failed.</exception>
    public ExitTaken RunToExit<TState>(
        TState state, Action<TState, PlanExecutor> fill, ExitThresholds thresholds, CancellationToken cancellation = default)
    {
        if (_exits is null)
        {
            throw new InputException($"network '{_plan.Network}' has no exits: 'tandem progressive train' makes one that has");
        }
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            fill(state, this);
            RunLocked(thresholds, cancellation);
            return _exits.Taken(_trace.LastTotalMs);
        }
    }

    /// <summary>Where an exit is complete after a step, decides whether the inference leaves there; false where it does, or the run was broken.</summary>
    private bool Decide(ExitDecisions exits, int step, long run)
    {
        int exit = exits.ExitAfter(step);
        if (exit >= 0)
        {
            foreach (int maker in exits.MakersOf(exit))
            {
                if (!_signals.Wait(_workerOfStep[step], maker, run))
                {
                    return false;
                }
            }
            exits.Decide(exit);
            if (exits.HasLeftEarly)
            {
                // Some wait for steps that will never run.
                _signals.Break(run);
                return false;
            }
        }
        return true;
    }
}
