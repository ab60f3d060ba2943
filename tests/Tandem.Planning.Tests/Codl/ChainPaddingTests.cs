using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies.Codl;
using Tandem.Prediction.Codl;
using Tandem.Tests;

namespace Tandem.Planning.Tests.Codl;

public sealed class ChainPaddingTests
{
    [Fact]
    public void Rows_of_random_chains_are_those_that_the_slicer_cuts() => PlanningCase.ForAll(seed =>
        RequireEqual(RandomNetworks.Any(seed), new Random(seed), tries: 20));

    [Theory]
    [InlineData("resnet50")]
    [InlineData("googlenet")]
    [InlineData("mobilenetv2")]
    public void Rows_of_chains_of_known_networks_are_those_that_the_slicer_cuts(string name) =>
        Assert.True(RequireEqual(KernelDetector.Detect(ModelZoo.Make(name, 64)), new Random(3), tries: 60) > 10);

    [Fact]
    public void Halo_grows_with_the_chain_by_equation_1()
    {
        var net = new GraphBuilder("five");
        Tensor x = net.Input("image", 1, 4, 64, 64);
        for (int i = 0; i < 5; i++)
        {
            x = net.Conv(x, 4, 3, pad: 1);
        }
        var padding = new ChainPadding(KernelDetector.Detect(net.Build(1, x)));
        for (int length = 1; length <= 5; length++)
        {
            ChainRows rows = padding.Find(new KernelRange(5 - length, 5), Share.FirstHalf)!;
            // One row more for each 3x3 window of stride 1 behind it.
            Assert.Equal(Enumerable.Range(0, length).Select(k => 32L + (length - 1 - k)), rows.Kernels.Select(r => r.Count));
            Assert.Equal(32 + length, rows.Inputs.Single().Rows.Count);
        }
    }

    private static int RequireEqual(Network network, Random random, int tries)
    {
        var padding = new ChainPadding(network);
        int compared = 0;
        for (int i = 0; i < tries; i++)
        {
            int first = random.Next(network.Kernels.Count);
            var kernels = new KernelRange(first, Math.Min(network.Kernels.Count, first + 1 + random.Next(6)));
            double cut = (1 + random.Next(9)) / 10.0;
            Share share = random.Next(2) == 0 ? new Share(0, cut) : new Share(cut, 1);
            if (!Slicer.CanCut(network, kernels.First, kernels.End, SliceAxis.Rows, share, out _)
                || padding.Find(kernels, share) is not { } rows)
            {
                continue;
            }
            Slice slice = new SliceSpec(kernels, SliceAxis.Rows, share).Cut(network);
            Assert.Equal(Ranges(slice.Inputs), rows.Inputs.OrderBy(r => r.Tensor, StringComparer.Ordinal));
            Assert.Equal(Ranges(slice.Outputs), rows.Outputs.OrderBy(r => r.Tensor, StringComparer.Ordinal));
            RequireKernels(network, kernels, slice, rows);
            compared++;
        }
        return compared;
    }

    private static void RequireKernels(Network network, KernelRange kernels, Slice slice, ChainRows rows)
    {
        for (int k = kernels.First; k < kernels.End; k++)
        {
            Operator head = KernelShape.HeadOf(network.Kernels[k]);
            Operator? cut = slice.Graph.Operators.FirstOrDefault(op => op.Name == head.Name);
            long count = cut is null ? 0 : slice.Graph.Tensors[cut.Outputs[0]].Shape[2];
            Assert.Equal(count, rows.Kernels[k - kernels.First].Count);
        }
    }

    private static IEnumerable<(string, RowRange)> Ranges(IEnumerable<SliceEnd> ends) =>
        ends
            .GroupBy(e => e.Tensor)
            .Select(g => (g.Key.Name, g.Select(e => e.Range.IsWhole ? new RowRange(0, g.Key.Shape[2]) : new RowRange(e.Range.From, e.Range.To))
                .Aggregate((a, b) => a.Hull(b))))
            .OrderBy(e => e.Name, StringComparer.Ordinal);
}
