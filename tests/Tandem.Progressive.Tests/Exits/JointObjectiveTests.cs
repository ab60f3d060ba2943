using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Training;
using Tandem.Progressive.Exits;

namespace Tandem.Progressive.Tests.Exits;

public class JointObjectiveTests
{
    private const int Batch = 16;
    private static readonly Graph Network = ExitGenerator.Add(
        InitialWeights.Draw(Classifiers.Small(Batch), 1), new ExitOptions { Positions = [0.3, 0.6], HeadBudget = 0.2 });

    [Fact]
    public void The_joint_loss_goes_down_while_weights_rise()
    {
        JointObjective objective = JointObjective.Rising(Network);
        using TrainingSession session = Open(objective, null);
        objective.BeginStep(session, 1);
        float before = session.Evaluate();
        const int Steps = 20;
        for (int i = 0; i < Steps; i++)
        {
            double progress = (double)i / Steps;
            objective.BeginStep(session, progress);
            AssertWeights(session, progress);
            session.Step(0.05);
        }
        objective.BeginStep(session, 1);
        AssertWeights(session, 1);
        float after = session.Evaluate();
        Assert.True(after < before, $"the loss went from {before} to {after}");
    }

    [Fact]
    public void The_loss_is_the_weighted_sum_of_the_exits_losses()
    {
        JointObjective objective = JointObjective.Rising(Network);
        using TrainingSession session = Open(objective, null);
        objective.BeginStep(session, 0.5);
        float loss = session.Evaluate();
        float[] weights = session.Input<float>(JointObjective.Weights).ToArray();
        double expected = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            bool isProbability = i == weights.Length - 1;
            expected += weights[i] * CrossEntropy(
                session.Output(Network.Outputs[i].Name), session.Input<long>(ITrainingObjective.Labels), isProbability);
        }
        Assert.Equal(expected, loss, 1e-3 * expected);
    }

    [Fact]
    public void Setting_weights_allocates_nothing()
    {
        JointObjective objective = JointObjective.Rising(Network);
        using TrainingSession session = Open(objective, null);
        objective.BeginStep(session, 0.1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        objective.BeginStep(session, 0.2);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Training_heads_leaves_the_rest_as_it_was_to_the_last_bit()
    {
        JointObjective objective = JointObjective.Equal(Network);
        Assert.Equal(Network.Outputs.SkipLast(1).Select(o => o.Name), objective.Exits);
        using TrainingSession session = Open(objective, HeadsOnly.Options(Network));
        IReadOnlySet<string> heads = HeadsOnly.Of(Network);
        Assert.All(heads, name => Assert.StartsWith("exit", name, StringComparison.Ordinal));
        objective.BeginStep(session, 0);
        float before = session.Evaluate();
        for (int i = 0; i < 20; i++)
        {
            objective.BeginStep(session, i / 20.0);
            Assert.All(session.Input<float>(JointObjective.Weights).ToArray(), weight => Assert.Equal(1f, weight));
            session.Step(0.05);
        }
        Assert.True(session.Evaluate() < before);
        Graph trained = session.Export();
        foreach (Constant constant in Network.Constants.Values)
        {
            bool isHead = constant.Tensor.Name.StartsWith("exit", StringComparison.Ordinal);
            bool isSame = constant.Data.Span.SequenceEqual(trained.Constants[constant.Tensor.Name].Data.Span);
            Assert.True(isHead || isSame, $"{constant.Tensor} has changed");
            Assert.True(!heads.Contains(constant.Tensor.Name) || !isSame, $"{constant.Tensor} was not trained");
        }
    }

    [Fact]
    public void Training_heads_computes_no_gradients_of_the_rest()
    {
        Graph step = Build(JointObjective.Equal(Network), HeadsOnly.Options(Network)).Step;
        HashSet<string> frozen = [.. Network.Constants.Keys.Where(name => !name.StartsWith("exit", StringComparison.Ordinal))];
        HashSet<string> forward = [.. Network.Operators.SelectMany(op => op.Outputs)];
        Operator[] added = [.. step.Operators.Where(op => !op.Outputs.Any(forward.Contains) && op.Inputs.Any(frozen.Contains))];
        Assert.True(added.Length == 0, string.Join(", ", added.Select(op => op.ToString())));
        int first = Network.Operators.Count(op => op.Type == "Conv" && op.Name.StartsWith("exit", StringComparison.Ordinal));
        // Each head's convolution has a gradient of its weights; all but the first of a head have one of their input.
        Assert.True(step.Operators.Count(op => op.Type == "ConvTranspose") <= first / 2);
    }

    private static void AssertWeights(TrainingSession session, double progress)
    {
        IReadOnlyList<Exit> exits = ProgressiveDescription.Of(Network)!.Exits;
        float[] weights = session.Input<float>(JointObjective.Weights).ToArray();
        Assert.Equal(1f, weights[^1]);
        for (int i = 0; i < weights.Length - 1; i++)
        {
            double share = (double)exits[i].Macs / exits[^1].Macs;
            Assert.Equal(0.01 + (progress * (share - 0.01)), weights[i], 1e-5);
        }
    }

    private static double CrossEntropy(ReadOnlySpan<float> scores, ReadOnlySpan<long> labels, bool areProbabilities)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double[] row = [.. scores.Slice(i * Classifiers.Classes, Classifiers.Classes).ToArray().Select(s => (double)s)];
            double all = areProbabilities ? 1 : row.Sum(Math.Exp);
            double own = row[labels[i]];
            sum -= Math.Log((areProbabilities ? own : Math.Exp(own)) / all);
        }
        return sum / labels.Length;
    }

    private static TrainingGraph Build(JointObjective objective, TrainingOptions? options) =>
        TrainingGraph.Build(Network, objective.AddLoss, new Sgd(), options);

    private static TrainingSession Open(JointObjective objective, TrainingOptions? options)
    {
        var session = new TrainingSession(Build(objective, options), 1);
        var random = new Random(1);
        Span<float> image = session.Input<float>("image");
        Span<long> labels = session.Input<long>(ITrainingObjective.Labels);
        int size = image.Length / Batch;
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = (float)random.NextDouble() + (i / size % Classifiers.Classes);
        }
        for (int i = 0; i < Batch; i++)
        {
            labels[i] = i % Classifiers.Classes;
        }
        return session;
    }
}
