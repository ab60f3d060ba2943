using Tandem.Graphs.Slicing.Rules;

namespace Tandem.Graphs.Slicing;

/// <summary>
/// Finds which channels of every tensor of a region a share holds. Tensors that operators link channel by channel are
/// cut at the same fractions; grouped convolutions and flattening allow cuts at some channels only.
/// </summary>
internal static class ChannelAnalysis
{
    /// <summary>
    /// Which tensors are cut together, and how finely; null, with the reason, where the region cannot be cut.
    /// </summary>
    public static ChannelGroups? Group(Region region, out string reason)
    {
        var groups = new ChannelGroups();
        foreach (Operator op in region.Operators)
        {
            if (Visit(region, groups, op) is { } refusal)
            {
                reason = $"{op}: {refusal}";
                return null;
            }
        }
        reason = "";
        return groups;
    }

    /// <summary>Cuts a region by channels; null, with the reason, where that is impossible.</summary>
    public static RegionCut? Run(Region region, Share share, out string reason)
    {
        if (Group(region, out reason) is not { } groups)
        {
            return null;
        }
        List<SliceEnd> outputs = [];
        foreach (Tensor output in region.Outputs)
        {
            (long from, long to) = Channels(groups, output, share);
            if (from >= to)
            {
                reason = $"the share holds none of the {output.Shape[1]} channels of '{output.Name}'";
                return null;
            }
            outputs.Add(new SliceEnd(output, Ranges.Along(output.Shape, 1, from, to)));
        }
        List<(Operator, OperatorCut)> cuts = [];
        foreach (Operator op in region.Operators.Where(o => region.IsUsed(o.Outputs[0])))
        {
            (long from, long to) = Channels(groups, region.Graph.Tensors[op.Outputs[0]], share);
            if (from >= to)
            {
                reason = $"{op}: the share holds none of its channels";
                return null;
            }
            OperatorCut cut = SlicingRules.For(op).Channels(new OperatorSite(region.Graph, op), from, to);
            if (cut.Refusal is not null)
            {
                reason = $"{op}: {cut.Refusal}";
                return null;
            }
            cuts.Add((op, cut));
        }
        return new RegionCut(cuts, outputs);
    }

    private static (long From, long To) Channels(ChannelGroups groups, Tensor tensor, Share share)
    {
        long blocks = groups.Blocks(tensor.Name);
        long step = tensor.Shape[1] / blocks;
        (long from, long to) = share.Indices(blocks);
        return (from * step, to * step);
    }

    private static string? Visit(Region region, ChannelGroups groups, Operator op)
    {
        if (op.Outputs.Skip(1).Any(region.IsUsed))
        {
            return "it has several outputs";
        }
        Tensor output = region.Graph.Tensors[op.Outputs[0]];
        if (output.Shape.Rank < 2)
        {
            return "its output has no channels";
        }
        ChannelCoupling coupling = SlicingRules.For(op).Coupling(new OperatorSite(region.Graph, op));
        if (coupling.Refusal is not null)
        {
            return coupling.Refusal;
        }
        groups.Add(output.Name, output.Shape[1] / coupling.OutputStep);
        for (int i = 0; i < op.Inputs.Count; i++)
        {
            string input = op.Inputs[i];
            if (coupling.InputSteps[i] > 0)
            {
                groups.Add(input, region.Graph.Tensors[input].Shape[1] / coupling.InputSteps[i]);
                groups.Join(input, output.Name);
            }
            else if (region.Makes(input))
            {
                return $"it reads all channels of '{input}', which is cut inside the region";
            }
        }
        return null;
    }
}
