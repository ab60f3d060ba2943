using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Progressive.Exits;
using Tandem.Tests;

namespace Tandem.Progressive.Tests.Exits;

public class ExitGeneratorTests
{
    [Theory]
    [InlineData("resnet20")]
    [InlineData("resnet50")]
    [InlineData("googlenet")]
    [InlineData("mobilenetv2")]
    [InlineData("squeezenet1.1")]
    [InlineData("vgg16")]
    [InlineData("tandem-demo")]
    public void Built_networks_give_what_they_gave_and_six_exits(string name)
    {
        ExitRuns.Check(ModelZoo.Make(name, name is "resnet20" or "tandem-demo" ? null : 96), new ExitOptions());
    }

    [Theory]
    [InlineData("light_bvlc_alexnet")]
    [InlineData("light_densenet121")]
    [InlineData("light_inception_v1")]
    [InlineData("light_inception_v2")]
    [InlineData("light_resnet50")]
    [InlineData("light_shufflenet")]
    [InlineData("light_squeezenet")]
    [InlineData("light_zfnet512")]
    [InlineData("light_vgg19")]
    public void Networks_from_files_give_what_they_gave_and_six_exits(string file)
    {
        Graph network = OnnxFile.Load(SharedModels.PathOf(Path.Combine("light", $"{file}.onnx")));
        if (file == "light_vgg19")
        {
            // Running it takes a gigabyte; its exits are as those of vgg16.
            ExitRuns.CheckCosts(network, ExitGenerator.Add(network), new ExitOptions());
            return;
        }
        ExitRuns.Check(network, new ExitOptions());
    }

    [Fact]
    public void Random_networks_give_what_they_gave()
    {
        int tried = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
            {
                Graph network = Classifiers.Random(seed);
                double[] positions = [.. ((double[])[0.2, 0.5, 0.8]).Take(1 + (seed % 3))];
                if (ExitPlaces.Of(network).Count >= positions.Length)
                {
                    ExitRuns.Check(network, new ExitOptions { Positions = positions, HeadBudget = 0.3, Seed = seed });
                    tried++;
                }
            }));
        Assert.True(tried > 30, $"only {tried} networks had places");
    }

    [Fact]
    public void Resnet20_has_exits_after_blocks_near_the_positions()
    {
        Graph network = ModelZoo.Make("resnet20");
        IReadOnlyList<ExitPlace> chosen = ExitGenerator.Choose(network, new ExitOptions());
        Assert.All(chosen, place => Assert.True(place.IsCut && network.Producer(place.Tensor.Name)!.Type == "Relu", place.ToString()));
        Assert.Equal(6, chosen.Distinct().Count());
        Assert.All(chosen.Zip(new ExitOptions().Positions), pair => Assert.Equal(pair.Second, pair.First.Fraction, 0.07));
    }

    [Fact]
    public void Seeds_repeat_heads_and_files_keep_them()
    {
        Graph a = ExitGenerator.Add(Classifiers.Small(), Two(7));
        Graph b = OnnxFile.Parse(OnnxFile.Serialize(ExitGenerator.Add(Classifiers.Small(), Two(7))), "small");
        Graph c = ExitGenerator.Add(Classifiers.Small(), Two(8));
        Assert.Equal(ProgressiveDescription.Of(a)!.Exits, ProgressiveDescription.Of(b)!.Exits);
        Assert.All(HeadsOnly.Of(a), name => Assert.Equal(a.Constants[name].Data.ToArray(), b.Constants[name].Data.ToArray()));
        Assert.NotEqual(a.Constants["exit1.classes.weight"].Data.ToArray(), c.Constants["exit1.classes.weight"].Data.ToArray());
    }

    [Fact]
    public void Vectors_and_tokens_are_places_too()
    {
        var net = new GraphBuilder("perceptron");
        Tensor x = net.Input("numbers", 2, 256);
        for (int i = 0; i < 4; i++)
        {
            x = net.Relu(net.Gemm(x, 256));
        }
        ExitRuns.Check(net.Build(1, net.Gemm(x, Classifiers.Classes)), new ExitOptions { Positions = [0.3, 0.6] });
        var draft = new GraphDraft("tokens", 13);
        Tensor tokens = draft.Input(new Tensor("tokens", ElementType.Float32, new Shape(2, 8, 32)));
        for (int i = 0; i < 3; i++)
        {
            tokens = draft.Add("Relu", [draft.Add("MatMul", [tokens, Noise(draft, $"w{i}", 32, 32)])]);
        }
        Tensor mean = draft.Add("ReduceMean", [tokens], ("axes", new AttributeValue.Ints([1])), ("keepdims", new AttributeValue.Int(0)));
        Tensor scores = draft.Add("MatMul", [mean, Noise(draft, "classes", 32, Classifiers.Classes)]);
        ExitRuns.Check(draft.ToGraph([scores.Name]), new ExitOptions { Positions = [0.4, 0.6], HeadBudget = 0.1 });
    }

    [Fact]
    public void Names_that_the_network_has_are_left_to_it()
    {
        Graph small = Classifiers.Small();
        var draft = new GraphDraft(small);
        draft.Add(new Operator("exit1", "Identity", [small.Outputs[0].Name], ["exit1"]));
        Graph progressive = ExitGenerator.Add(draft.ToGraph(["exit1"]), Two(1));
        Assert.Equal(["early exit1", "early exit2", "exit1"], progressive.Outputs.Select(o => o.Name));
    }

    private static Tensor Noise(GraphDraft draft, string name, params long[] shape) =>
        draft.Constant(new NoiseSource(1, name).Normal(name, new Shape(shape), deviation: 0.2f));

    private static ExitOptions Two(int seed) => new() { Positions = [0.3, 0.6], HeadBudget = 0.2, Seed = seed };
}
