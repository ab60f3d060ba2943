using System.Globalization;
using Tandem.Planning;

namespace Tandem.Execution.Adaptation;

/// <summary>A session changed to another plan, and that plan is measured to be faster.</summary>
public sealed class PlanChangedEventArgs : EventArgs
{
    internal PlanChangedEventArgs(
        PlanRung before, PlanRung after, PlanChange change, IReadOnlyDictionary<string, double> slowdowns)
    {
        (OldPlan, NewPlan) = (before.Plan, after.Plan);
        (OldName, NewName) = (before.Name, after.Name);
        (OldMs, NewMs) = (change.BeforeMs, change.AfterMs);
        Reason = change.Reason;
        Slowdowns = slowdowns;
    }

    /// <summary>The plan before.</summary>
    public Plan OldPlan { get; }

    /// <summary>The plan from now on.</summary>
    public Plan NewPlan { get; }

    /// <summary>What the plan before is called: its policy, with the slowdown that it was made for.</summary>
    public string OldName { get; }

    /// <summary>What the plan from now on is called.</summary>
    public string NewName { get; }

    /// <summary>What an inference took lately with the plan before, in milliseconds.</summary>
    public double OldMs { get; }

    /// <summary>What an inference takes with the new plan, in milliseconds.</summary>
    public double NewMs { get; }

    /// <summary>Why.</summary>
    public PlanChangeReason Reason { get; }

    /// <summary>For each processor that ran, how many times as long as predicted it took lately.</summary>
    public IReadOnlyDictionary<string, double> Slowdowns { get; }

    /// <summary>All of that in one line.</summary>
    public override string ToString()
    {
        string slowdowns = string.Join(", ", Slowdowns.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} x{s.Value:0.00}")));
        string why = Reason switch
        {
            PlanChangeReason.Slowdown => "processors became slower",
            PlanChangeReason.LoadIsGone => "the load is gone",
            _ => "the plan was chosen wrongly",
        };
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{why} ({slowdowns} of what was predicted): from '{OldName}', {OldMs:0.00} ms, to '{NewName}', {NewMs:0.00} ms");
    }
}
