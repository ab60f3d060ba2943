using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;

namespace Tandem.Planning.Policies.Codl;

/// <summary>
/// CoDL's base plan: for each operator on its own the dimension and the ratio that are predicted fastest, of ratios 0, 0.1, ..., 1
/// (22 predictions with two dimensions).
/// </summary>
internal sealed class OperatorPlanner(Network network, ChainCosts costs, IReadOnlyList<SliceAxis> axes)
{
    /// <summary>Steps of a ratio, in all.</summary>
    public const int RatioSteps = 10;

    // Vector registers and blocked layouts hold 16 channels: a share that ends inside a block pays for all of it. CoDL rounds to
    // the 4 of its GPU kernels.
    private const int ChannelGrain = 16;

    /// <summary>The best chain of one for a kernel; impossible where no processor runs it.</summary>
    public Chain Best(int kernel)
    {
        Chain? best = null;
        foreach (SliceAxis axis in axes)
        {
            for (int step = 0; step <= RatioSteps; step++)
            {
                var chain = new Chain(new KernelRange(kernel, kernel + 1), axis, ShareOf(kernel, axis, step));
                if (best is null || costs.Of(chain).TotalMs < costs.Of(best.Value).TotalMs)
                {
                    best = chain;
                }
            }
        }
        return best!.Value;
    }

    /// <summary>The first processor's share at a ratio, in whole blocks of the kernel's channels where these are divided.</summary>
    public double ShareOf(int kernel, SliceAxis axis, int step)
    {
        double share = (double)step / RatioSteps;
        if (axis != SliceAxis.Channels || step is 0 or RatioSteps)
        {
            return share;
        }
        var shape = network.Graph.Tensors[network.Kernels[kernel].Outputs[0]].Shape;
        long channels = shape.Rank > 1 ? shape[1] : 1;
        long blocks = channels / ChannelGrain;
        return channels % ChannelGrain != 0 || blocks < 2
            ? share
            : Math.Clamp(Math.Round(share * blocks), 1, blocks - 1) / blocks;
    }
}
