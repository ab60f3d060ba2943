using Tandem.Planning;

namespace Tandem.Execution.Throughput;

/// <summary>The turns that the steps of one executor take on processors which it shares with others.</summary>
internal sealed class StepTurns(Plan plan, ProcessorTurns turns)
{
    private readonly ProcessorTurns.Turn[] _ofStep = [.. plan.Steps.Select(step => turns.Of(step.Processor))];
    private long _inference;

    /// <summary>The executor begins an inference.</summary>
    public void Begin() => _inference = turns.Begin();

    /// <summary>Waits until a step's processor is free and no inference that began before waits for it.</summary>
    public void Take(int step) => _ofStep[step].Take(_inference);

    /// <summary>A step has ended.</summary>
    public void Give(int step) => _ofStep[step].Give();
}
