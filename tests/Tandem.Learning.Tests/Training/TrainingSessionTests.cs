using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;
using Tandem.Learning.Training.Blocked;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Learning.Tests.Training;

public class TrainingSessionTests
{
    private const int Batch = 8;

    [Fact]
    public void Some_steps_reduce_the_loss_and_the_exported_network_knows_it()
    {
        using TrainingSession session = Open(Small(), new Sgd(WeightDecay: 1e-4));
        Fill(session);
        float first = session.Step(0.05);
        for (int i = 0; i < 40; i++)
        {
            session.Step(0.05);
        }
        float last = session.Evaluate();
        Assert.True(last < first / 3, $"the loss went from {first} to {last}");
        Graph exported = session.Export();
        using var inference = new InferenceSession(OnnxFile.Serialize(exported));
        using var image = OrtValue.CreateTensorValueFromMemory(session.Input<float>("image").ToArray(), [.. exported.Inputs[0].Shape]);
        string output = exported.Outputs[0].Name;
        using OrtValue logits = inference.Run(null, ["image"], [image], [output])[0];
        session.Evaluate();
        Assert.Equal(session.Output(output).ToArray(), logits.GetTensorDataAsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-3f);
    }

    [Fact]
    public void Resnet20_learns_a_batch()
    {
        using TrainingSession session = Open(ModelZoo.Make("resnet20", batch: Batch), new Sgd());
        Fill(session);
        float[] losses = [.. Enumerable.Range(0, 8).Select(_ => session.Step(0.02))];
        Assert.True(losses[^1] < losses[0], string.Join(' ', losses));
    }

    [Fact]
    public void Going_on_from_a_checkpoint_is_the_same_to_the_last_bit()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tandem-{Guid.NewGuid():N}.checkpoint");
        try
        {
            using TrainingSession first = Open(Small(), new Adam());
            Fill(first);
            first.Step(0.01);
            first.Step(0.01);
            CheckpointFile.Save(first.Capture(new byte[] { 1, 2, 3 }), path);
            float[] losses = [first.Step(0.01), first.Step(0.01)];
            using TrainingSession second = Open(Small(), new Adam());
            Checkpoint checkpoint = CheckpointFile.Load(path);
            Assert.Equal<byte>([1, 2, 3], checkpoint.RandomState.ToArray());
            second.Restore(checkpoint);
            Fill(second);
            float[] again = [second.Step(0.01), second.Step(0.01)];
            Assert.Equal<float>(losses, again);
            Checkpoint a = first.Capture();
            Checkpoint b = second.Capture();
            Assert.Equal(4, b.Steps);
            Assert.All(a.Tensors.Zip(b.Tensors), pair => Assert.Equal(pair.First.Data.ToArray(), pair.Second.Data.ToArray()));
            Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_and_keeps_the_weights()
    {
        using TrainingSession session = Open(Small(), new Sgd());
        Fill(session);
        session.Step(0.01);
        Checkpoint good = session.Capture();
        session.Restore(good with { Tensors = [.. good.Tensors.Select(t => t.Tensor.Name == "Gemm_1.bias" ? WithoutNumbers(t) : t)] });
        Checkpoint before = session.Capture();
        var e = Assert.Throws<TrainingDivergedException>(() => session.Step(0.25));
        Assert.Equal(session.Steps, e.Step);
        Assert.Contains("0.25", e.Message, StringComparison.Ordinal);
        Assert.All(
            before.Tensors.Zip(session.Capture().Tensors), pair => Assert.Equal(pair.First.Data.ToArray(), pair.Second.Data.ToArray()));
    }

    [Fact]
    public void Steps_allocate_no_managed_memory()
    {
        using TrainingSession session = Open(Small(), new Sgd());
        Fill(session);
        session.Step(0.01);
        session.Step(0.01);
        long before = GC.GetAllocatedBytesForCurrentThread();
        session.Step(0.01);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Only_chosen_weights_are_trained_and_frozen_normalisations_keep_their_statistics()
    {
        Graph network = Small();
        TrainingGraph graph = TrainingGraph.Build(
            network, Loss, new Sgd(), new TrainingOptions { Trains = weight => weight.Name.StartsWith("Gemm", StringComparison.Ordinal) });
        Assert.All(graph.States, state => Assert.StartsWith("Gemm", state.Tensor.Name, StringComparison.Ordinal));
        using var session = new TrainingSession(graph, 1);
        Fill(session);
        float first = session.Step(0.05);
        Assert.Equal(session.Graph.Forward.Constants["Conv_1.weight"].Data.ToArray(), session.Export().Constants["Conv_1.weight"].Data.ToArray());
        Assert.True(session.Evaluate() < first);
    }

    [Fact]
    public void Damaged_and_foreign_checkpoints_and_nothing_to_train_are_refused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"tandem-{Guid.NewGuid():N}.checkpoint");
        try
        {
            using TrainingSession session = Open(Small(), new Sgd());
            CheckpointFile.Save(session.Capture(), path);
            using TrainingSession other = Open(Small(), new Adam());
            Assert.Throws<TrainingException>(() => other.Restore(CheckpointFile.Load(path)));
            byte[] bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(path, bytes);
            Assert.Throws<TrainingException>(() => CheckpointFile.Load(path));
            Assert.Throws<TrainingException>(() => TrainingGraph.Build(Small(), Loss, new Sgd(), new TrainingOptions { Trains = _ => false }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_blocked_layout_trains_as_the_plain_one_does()
    {
        Assert.SkipUnless(BlockedLayout.IsSupported, "ONNX Runtime does not lay 16 channels side by side on this machine");
        const int Images = 32;
        TrainingGraph graph = TrainingGraph.Build(
            InitialWeights.Draw(ModelZoo.Make("resnet20", batch: Images), 1), draft => Loss(draft, Images), new Sgd());
        Assert.Contains(BlockedLayout.Apply(graph.Step).Operators, op => op.Domain.Length > 0);
        Assert.DoesNotContain(
            BlockedLayout.Apply(graph.Step).Operators, op => op.Type is "ConvTranspose" or "BatchNormalization" || (op.Domain == "" && op.Type == "Conv"));
        using var plain = new TrainingSession(graph, 1, keepsLayout: true);
        using var blocked = new TrainingSession(graph, 1);
        Fill(plain, Images);
        Fill(blocked, Images);
        Assert.Equal(plain.Step(0.02), blocked.Step(0.02), 1e-4f);
        // Among a million activations one may be so near to zero that rounding decides whether its gradient passes.
        Assert.All(plain.Capture().Tensors.Zip(blocked.Capture().Tensors), pair => Assert.True(
            Distance(pair.First, pair.Second) < 0.01, $"{pair.First.Tensor} differs by {Distance(pair.First, pair.Second)} of its length"));
        Assert.Equal(plain.Evaluate(), blocked.Evaluate(), 1e-2f);
    }

    private static double Distance(Constant expected, Constant actual)
    {
        float[] a = expected.AsSpan<float>().ToArray();
        float[] b = actual.AsSpan<float>().ToArray();
        return Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum() / (1e-12 + a.Sum(x => (double)x * x)));
    }

    private static TrainingSession Open(Graph network, IOptimizer optimizer) => new(TrainingGraph.Build(network, Loss, optimizer), 1);

    private static Tensor Loss(GraphDraft draft) => Loss(draft, Batch);

    private static Tensor Loss(GraphDraft draft, int batch)
    {
        Tensor labels = draft.Input(new Tensor("labels", ElementType.Int64, new Shape(batch)));
        return Losses.SoftmaxCrossEntropy(draft, draft[draft.Operators.Last(op => op.Type == "Gemm").Outputs[0]], labels);
    }

    private static Constant WithoutNumbers(Constant constant) =>
        Constant.Of<float>(constant.Tensor.Name, constant.Tensor.Type, constant.Tensor.Shape, [.. constant.AsSpan<float>().ToArray().Select(_ => float.NaN)]);

    private static void Fill(TrainingSession session, int batch = Batch)
    {
        new NoiseSource(5).FillNormal(session.Input<float>("image"), 0, 1);
        for (int i = 0; i < batch; i++)
        {
            session.Input<long>("labels")[i] = i % 3;
        }
    }

    private static Graph Small()
    {
        var net = new GraphBuilder("small");
        Tensor image = net.Input("image", Batch, 3, 8, 8);
        Tensor x = net.Relu(net.BatchNorm(net.Conv(image, 8, 3, 1, 1, bias: false)));
        x = net.MaxPool(x, 2, 2);
        Tensor y = net.BatchNorm(net.Conv(x, 8, 3, 1, 1, bias: false));
        x = net.Relu(net.Add(x, y));
        return InitialWeights.Draw(net.Build(3, net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 4)), 3);
    }
}
