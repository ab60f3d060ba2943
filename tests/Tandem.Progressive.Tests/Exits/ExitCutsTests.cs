using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;
using Tandem.Progressive.Exits;

namespace Tandem.Progressive.Tests.Exits;

public class ExitCutsTests
{
    private static readonly Graph Network = ExitGenerator.Add(ModelZoo.Make("resnet20"));

    [Fact]
    public void A_prefix_gives_what_the_whole_network_gives_at_that_exit()
    {
        IReadOnlyList<float[]> all = ExitRuns.Run(Network);
        for (int i = 0; i < all.Count; i += 3)
        {
            Graph prefix = ExitPrefix.Of(Network, [Network.Outputs[i].Name]);
            Assert.Equal(all[i], ExitRuns.Run(prefix)[0], (a, b) => Math.Abs(a - b) <= 1e-4f);
            Assert.Single(prefix.Outputs);
        }
    }

    [Fact]
    public void Increments_are_the_whole_network_once()
    {
        IReadOnlyList<IReadOnlyList<Operator>> parts = ExitCuts.Increments(Network);
        Assert.Equal(ProgressiveDescription.Of(Network)!.Exits.Count, parts.Count);
        Assert.Equal(Network.Operators.Count, parts.Sum(part => part.Count));
        Assert.Equal(Network.Operators.ToHashSet(), parts.SelectMany(part => part).ToHashSet());
        HashSet<string> made = [.. Network.Inputs.Select(i => i.Name), .. Network.Constants.Keys];
        foreach (Operator op in parts.SelectMany(part => part))
        {
            Assert.All(op.Inputs.Where(input => input.Length > 0), input => Assert.Contains(input, made));
            made.UnionWith(op.Outputs);
        }
    }
}
