using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;
using Tandem.Learning.Training.Blocked;

namespace Tandem.Learning.Tests.Training;

public class BlockedLayoutTests
{
    private const int Images = 32;

    [Fact]
    public void Only_gradients_of_weights_reorder_images_one_for_each_convolution()
    {
        TrainingGraph graph = Build(ModelZoo.Make("resnet20", batch: Images));
        AssertBlocked(BlockedLayout.Apply(graph.Step), graph.Forward);
    }

    [Fact]
    public void Heads_of_early_exits_and_the_branches_to_them_stay_blocked()
    {
        TrainingGraph graph = Build(WithExits());
        AssertBlocked(BlockedLayout.Apply(graph.Step), graph.Forward);
    }

    [Fact]
    public void Heads_of_early_exits_learn_the_same_in_either_layout()
    {
        Assert.SkipUnless(BlockedLayout.IsSupported, "ONNX Runtime does not lay 16 channels side by side on this machine");
        TrainingGraph graph = Build(WithExits());
        using var plain = new TrainingSession(graph, 1, keepsLayout: true);
        using var blocked = new TrainingSession(graph, 1);
        foreach (TrainingSession session in new[] { plain, blocked })
        {
            new NoiseSource(5).FillNormal(session.Input<float>("image"), 0, 1);
            for (int i = 0; i < Images; i++)
            {
                session.Input<long>("labels")[i] = i % 3;
            }
        }
        Assert.Equal(plain.Step(0.02), blocked.Step(0.02), 1e-4f);
        Assert.All(plain.Capture().Tensors.Zip(blocked.Capture().Tensors), pair => Assert.True(
            Distance(pair.First, pair.Second) < 0.01, $"{pair.First.Tensor} differs by {Distance(pair.First, pair.Second)} of its length"));
    }

    private static void AssertBlocked(Graph step, Graph forward)
    {
        Assert.DoesNotContain(step.Operators, op => op.Type is "ReorderOutput" or "ConvTranspose" or "BatchNormalization");
        Assert.DoesNotContain(step.Operators, op => op.Domain.Length == 0 && op.Type is "Conv" or "AveragePool");
        Operator[] reorders = [.. step.Operators.Where(op => op.Type == "ReorderInput")];
        Assert.Equal(forward.Operators.Count(op => op.Type == "Conv"), reorders.Length);
        Assert.All(reorders, op => Assert.Equal(1, step.Tensors[op.Outputs[0]].Shape[0]));
    }

    private static TrainingGraph Build(Graph network) => TrainingGraph.Build(
        InitialWeights.Draw(network, 1),
        draft =>
        {
            Tensor labels = draft.Input(new Tensor("labels", ElementType.Int64, new Shape(Images)));
            return Losses.WeightedSum(draft, [.. network.Outputs.Select(o => (Losses.SoftmaxCrossEntropy(draft, draft[o.Name], labels), 0.5))]);
        },
        new Sgd());

    private static Graph WithExits()
    {
        var net = new GraphBuilder("exits");
        Tensor image = net.Input("image", Images, 3, 16, 16);
        Tensor x = net.Relu(net.BatchNorm(net.Conv(image, 16, 3, 1, 1, bias: false)));
        Tensor early = Head(net, x);
        Tensor y = net.Relu(net.BatchNorm(net.Conv(x, 32, 3, 2, 1, bias: false)));
        y = net.BatchNorm(net.Conv(y, 32, 3, 1, 1, bias: false));
        x = net.Relu(net.Add(y, net.BatchNorm(net.Conv(x, 32, 1, 2, bias: false))));
        Tensor middle = Head(net, x);
        x = net.Relu(net.BatchNorm(net.Conv(x, 32, 3, 1, 1, bias: false)));
        return net.Build(1, early, middle, net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 10));
    }

    private static Tensor Head(GraphBuilder net, Tensor x)
    {
        Tensor head = net.AveragePool(x, x.Shape[2] / 4, x.Shape[2] / 4);
        head = net.Relu(net.BatchNorm(net.Conv(head, 32, 3, 1, 1, bias: false)));
        head = net.Relu(net.BatchNorm(net.Conv(head, 48, 1, 1, bias: false)));
        return net.Gemm(net.Flatten(net.GlobalAveragePool(head)), 10);
    }

    private static double Distance(Constant expected, Constant actual)
    {
        float[] a = expected.AsSpan<float>().ToArray();
        float[] b = actual.AsSpan<float>().ToArray();
        return Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum() / (1e-12 + a.Sum(x => (double)x * x)));
    }
}
