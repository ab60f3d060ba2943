namespace Tandem.Planning.Tests;

/// <summary>Plays a plan event by event: the next step of any processor that can begin earliest begins.</summary>
internal static class Simulation
{
    public static double TotalMs(Plan plan, double[] durations, double handOverMs)
    {
        var ends = new double?[plan.Steps.Count];
        var queues = plan.Steps.GroupBy(s => s.Processor).ToDictionary(g => g.Key, g => new Queue<Step>(g));
        var freeAt = queues.Keys.ToDictionary(name => name, _ => 0.0);
        while (queues.Values.Any(q => q.Count > 0))
        {
            (Step step, double start) = queues.Values.Where(q => q.Count > 0).Select(q => q.Peek())
                .Where(s => s.DependsOn.All(d => ends[d] is not null))
                .Select(s => (s, Start(s)))
                .MinBy(c => c.Item2);
            queues[step.Processor].Dequeue();
            freeAt[step.Processor] = start + durations[step.Id];
            ends[step.Id] = freeAt[step.Processor];
        }
        return ends.Max(e => e!.Value);

        double Start(Step step) => step.DependsOn
            .Select(d => ends[d]!.Value + (plan.Steps[d].Processor == step.Processor ? 0 : handOverMs))
            .Append(freeAt[step.Processor])
            .Max();
    }
}
