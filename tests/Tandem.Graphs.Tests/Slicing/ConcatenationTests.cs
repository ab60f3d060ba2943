using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;

namespace Tandem.Graphs.Tests.Slicing;

public sealed class ConcatenationTests
{
    [Fact]
    public void Parts_of_a_range_of_channels_are_that_range_in_order() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(200),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            Concatenation place = Make(random);
            long from = random.NextInt64(place.Result.Shape[1]), to = random.NextInt64(from + 1, place.Result.Shape[1] + 1);
            long at = from;
            foreach (SliceEnd part in place.PartsOf(new TensorRange(1, from, to)))
            {
                long begin = place.ByteOffsetOf(part.Tensor.Name) / sizeof(float) / 15;
                Assert.Equal(at, begin + part.Range.From);
                Assert.InRange(part.Range.To, part.Range.From + 1, part.Tensor.Shape[1]);
                at = begin + part.Range.To;
            }
            Assert.Equal(to, at);
            Assert.Equal(place.Operands.Count, place.PartsOf(TensorRange.Whole).Count());
            Assert.All(place.PartsOf(new TensorRange(2, 1, 2)), part => Assert.Equal(new TensorRange(2, 1, 2), part.Range));
        }));

    [Fact]
    public void Operands_need_one_place_of_their_own()
    {
        var net = new GraphBuilder("concatenations");
        Tensor image = net.Input("image", 1, 4, 5, 3);
        Tensor a = net.Relu(image), b = net.LeakyRelu(image), shared = net.Clip(image);
        Tensor good = net.Concat(a, b), twice = net.Concat(shared, shared), fed = net.Concat(image, net.Relu(b));
        Tensor other = net.Concat(net.Relu(a), shared);
        Tensor last = net.Concat(net.Relu(good), net.Relu(twice), net.Relu(fed), net.Relu(other));
        Graph graph = net.Build(1, last);
        Assert.NotNull(Concatenation.Of(graph, good.Name));
        Assert.All([twice, fed, other, last, a, image], tensor => Assert.Null(Concatenation.Of(graph, tensor.Name)));
    }

    private static Concatenation Make(Random random)
    {
        var net = new GraphBuilder("concatenation");
        Tensor image = net.Input("image", 1, 3, 5, 3);
        Tensor[] operands = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => net.Conv(image, random.Next(1, 9), 1))];
        Tensor joined = net.Concat(operands);
        return Concatenation.Of(net.Build(1, net.Relu(joined)), joined.Name)!;
    }
}
