using System.Collections;
using Tandem.Planning;

namespace Tandem.Execution;

/// <summary>Which steps have certainly ended before another starts.</summary>
internal static class StepOrder
{
    /// <summary>For each step, the set of steps that end before it starts: by dependency, or by the order of their processor.</summary>
    public static BitArray[] Ancestors(Plan plan)
    {
        var ancestors = new BitArray[plan.Steps.Count];
        var lastOf = new Dictionary<string, int>();
        foreach (Step step in plan.Steps)
        {
            var own = new BitArray(plan.Steps.Count);
            IEnumerable<int> direct = lastOf.TryGetValue(step.Processor, out int previous)
                ? step.DependsOn.Append(previous)
                : step.DependsOn;
            foreach (int before in direct)
            {
                own.Or(ancestors[before]);
                own[before] = true;
            }
            ancestors[step.Id] = own;
            lastOf[step.Processor] = step.Id;
        }
        return ancestors;
    }
}
