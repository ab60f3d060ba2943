using Tandem.Graphs;

namespace Tandem.Cli.Memory;

/// <summary>What a network needs in any case.</summary>
/// <param name="WeightBytes">All constants.</param>
/// <param name="ActivationBytes">
/// The most that inputs, outputs and what operators make take at one time, when the operators run in their order and each tensor is
/// freed after its last reader.
/// </param>
internal readonly record struct MemoryRequirement(long WeightBytes, long ActivationBytes)
{
    /// <summary>The requirement of a network.</summary>
    public static MemoryRequirement Of(Graph graph)
    {
        Dictionary<string, int> lastUse = [];
        for (int i = 0; i < graph.Operators.Count; i++)
        {
            foreach (string tensor in graph.Operators[i].Inputs.Concat(graph.Operators[i].Outputs).Where(t => t.Length > 0))
            {
                lastUse[tensor] = i;
            }
        }
        foreach (Tensor output in graph.Outputs)
        {
            lastUse[output.Name] = graph.Operators.Count;
        }
        long live = graph.Inputs.Sum(i => i.SizeInBytes);
        long most = live;
        for (int i = 0; i < graph.Operators.Count; i++)
        {
            Operator op = graph.Operators[i];
            live += op.Outputs.Where(o => o.Length > 0).Sum(o => graph.Tensors[o].SizeInBytes);
            most = Math.Max(most, live);
            live -= op.Inputs.Concat(op.Outputs).Distinct()
                .Where(t => t.Length > 0 && !graph.Constants.ContainsKey(t) && lastUse[t] == i).Sum(t => graph.Tensors[t].SizeInBytes);
        }
        return new MemoryRequirement(graph.Constants.Values.Sum(c => c.Tensor.SizeInBytes), most);
    }
}
