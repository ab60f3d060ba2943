using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Planning.Branches;
using Tandem.Tests;

namespace Tandem.Planning.Tests.Branches;

public sealed class BranchFinderTests
{
    [Theory]
    [InlineData("googlenet", 9, 4)]
    [InlineData("squeezenet1.1", 8, 2)]
    [InlineData("resnet50", 4, 2)] // The projection shortcuts; an identity shortcut has no kernel that could be distributed.
    [InlineData("vgg16", 0, 0)]
    [InlineData("mobilenetv2", 0, 0)]
    public void Regions_are_those_of_the_published_network(string name, int regions, int branches)
    {
        IReadOnlyList<BranchRegion> found = BranchFinder.Find(KernelDetector.Detect(ModelZoo.Make(name, 64)));
        Assert.Equal(regions, found.Count);
        Assert.All(found, region => Assert.Equal(branches, region.Branches.Count));
        Assert.All(found, region => Assert.Empty(region.Inner));
    }

    [Fact]
    public void Branches_inside_a_branch_are_an_inner_region()
    {
        var net = new GraphBuilder("nested");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 1));
        Tensor stem = net.Relu(net.Conv(x, 8, 1));
        Tensor inner = net.Concat(net.Relu(net.Conv(stem, 4, 1)), net.Relu(net.Conv(stem, 4, 3, pad: 1)));
        Network network = KernelDetector.Detect(net.Build(1, net.Concat(inner, net.MaxPool(x, 3, 1, 1))));
        BranchRegion region = Assert.Single(BranchFinder.Find(network));
        Assert.Equal([1, 4], region.Branches.Select(b => b.Count).Order());
        BranchRegion within = Assert.Single(region.Inner);
        Assert.All(within.Branches, branch => Assert.Single(branch));
        Assert.Contains(within.Kernels[0], region.Kernels);
    }

    [Fact]
    public void Towers_that_read_the_inputs_are_branches()
    {
        var net = new GraphBuilder("towers");
        Tensor left = net.Relu(net.Conv(net.Input("left", 1, 3, 8, 8), 8, 1));
        Tensor right = net.Relu(net.Conv(net.Input("right", 1, 3, 8, 8), 8, 1));
        BranchRegion region = Assert.Single(BranchFinder.Find(KernelDetector.Detect(net.Build(1, net.Concat(left, right)))));
        Assert.Equal((-1, 2), (region.Fork, region.Join));
    }

    [Fact]
    public void Branch_that_is_an_output_too_makes_no_region()
    {
        var net = new GraphBuilder("side output");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 8, 8), 8, 1));
        Tensor left = net.Relu(net.Conv(x, 4, 1));
        Network network = KernelDetector.Detect(net.Build(1, net.Concat(left, net.Relu(net.Conv(x, 4, 1))), left));
        Assert.Empty(BranchFinder.Find(network));
    }

    [Fact]
    public void Branches_read_only_the_fork_and_are_read_only_by_themselves_and_the_join() => PlanningCase.ForAll(seed =>
    {
        Network network = RandomNetworks.Branchy(seed);
        HashSet<int> seen = [];
        foreach (BranchRegion region in BranchFinder.Find(network))
        {
            Assert.All(region.Kernels, kernel => Assert.True(seen.Add(kernel)));
            Assert.True(region.Branches.Count > 1);
            foreach (IReadOnlyList<int> branch in region.Branches)
            {
                RequireClosed(network, region, branch);
            }
        }
    });

    private static void RequireClosed(Network network, BranchRegion region, IReadOnlyList<int> branch)
    {
        HashSet<string> made = [.. branch.SelectMany(k => network.Kernels[k].Outputs)];
        IEnumerable<string> forked = region.Fork < 0 ? network.Graph.Inputs.Select(i => i.Name) : network.Kernels[region.Fork].Outputs;
        Assert.All(branch.SelectMany(k => network.Kernels[k].Inputs), input => Assert.True(made.Contains(input) || forked.Contains(input)));
        Assert.DoesNotContain(network.Graph.Outputs, output => made.Contains(output.Name));
        Assert.All(
            network.Kernels.Where(k => k.Inputs.Any(made.Contains)),
            reader => Assert.True(reader.Index == region.Join || branch.Contains(reader.Index)));
    }
}
