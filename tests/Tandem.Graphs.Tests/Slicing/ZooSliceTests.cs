using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

/// <summary>
/// Real networks, on small images: every kernel, and chains of kernels, cut every way that is possible.
/// </summary>
public sealed class ZooSliceTests
{
    private static readonly IReadOnlyList<Share> Halves = PartitionCheck.Shares(0.4);

    [Theory]
    [InlineData("tandem-demo", 32)]
    [InlineData("squeezenet1.1", 64)]
    [InlineData("googlenet", 48)]
    [InlineData("mobilenetv2", 64)]
    [InlineData("resnet50", 32)]
    [InlineData("yolov2-tiny", 48)]
    public void Slices_of_every_kernel_equal_the_whole(string name, int size)
    {
        Network network = KernelDetector.Detect(ModelZoo.Make(name, size));
        var check = new PartitionCheck(network);
        int cut = 0;
        for (int i = 0; i < network.Kernels.Count; i++)
        {
            foreach (SliceAxis axis in (SliceAxis[])[SliceAxis.Channels, SliceAxis.Rows])
            {
                if (Halves.All(s => Slicer.CanCut(network, [i], axis, s, out _)))
                {
                    check.Run([i], axis, Halves);
                    cut++;
                }
            }
        }
        Assert.True(cut > network.Kernels.Count / 2, $"only {cut} cuts of {network.Kernels.Count} kernels");
    }

    [Theory]
    [InlineData("tandem-demo", 64)]
    [InlineData("googlenet", 48)]
    [InlineData("mobilenetv2", 64)]
    public void Row_slices_of_chains_equal_the_whole(string name, int size)
    {
        const int Length = 4;
        Network network = KernelDetector.Detect(ModelZoo.Make(name, size));
        var check = new PartitionCheck(network);
        int cut = 0;
        for (int first = 0; first + Length < network.Kernels.Count; first += Length - 1)
        {
            int[] kernels = [.. Enumerable.Range(first, Length)];
            if (Halves.All(s => Slicer.CanCut(network, kernels, SliceAxis.Rows, s, out _)))
            {
                check.Run(kernels, SliceAxis.Rows, Halves);
                cut++;
            }
        }
        Assert.True(cut > 3, $"only {cut} chains could be cut");
    }
}
