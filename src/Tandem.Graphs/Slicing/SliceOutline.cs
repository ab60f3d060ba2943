using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Which parts of a network's tensors a slice reads and makes, found without building it: what a planner needs to know of
/// thousands of slices of which it chooses a few.
/// </summary>
/// <param name="Inputs">The range of each tensor from outside that the slice reads; one entry for each distinct range.</param>
/// <param name="Outputs">The range of each tensor that it writes for others.</param>
/// <param name="Made">The range of every tensor that its operators make, by name.</param>
public sealed record SliceOutline(
    IReadOnlyList<SliceEnd> Inputs,
    IReadOnlyList<SliceEnd> Outputs,
    IReadOnlyDictionary<string, TensorRange> Made)
{
    internal static SliceOutline Of(Region region, RegionCut cut)
    {
        HashSet<(string Tensor, TensorRange Range)> known = [];
        List<SliceEnd> inputs = [];
        Dictionary<string, TensorRange> made = [];
        foreach ((Operator op, OperatorCut operatorCut) in cut.Operators)
        {
            for (int i = 0; i < op.Inputs.Count; i++)
            {
                if (region.IsInput(op.Inputs[i])
                    && !operatorCut.Replaced.ContainsKey(i)
                    && known.Add((op.Inputs[i], operatorCut.Inputs[i])))
                {
                    inputs.Add(new SliceEnd(region.Graph.Tensors[op.Inputs[i]], operatorCut.Inputs[i]));
                }
            }
            foreach (string output in op.Outputs.Where(o => o.Length > 0))
            {
                made[output] = operatorCut.Produced;
            }
        }
        return new SliceOutline(inputs, cut.Outputs, made);
    }
}
