using Tandem.Graphs;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;

namespace Tandem.Learning.Tests.Training;

/// <summary>Optimisers on the loss w * t, whose gradient is t, against numbers computed by hand.</summary>
public class OptimizerTests
{
    [Fact]
    public void Sgd_with_momentum_and_decay_follows_its_definition()
    {
        // v = 0.9 * 0 + (2 + 0.1 * 1) = 2.1; w = 1 - 0.5 * 2.1 = -0.05
        // v = 0.9 * 2.1 + (2 + 0.1 * -0.05) = 3.885; w = -0.05 - 0.5 * 3.885 = -1.9925
        Assert.Equal([-0.05f, -1.9925f], Train(new Sgd(0.9, 0.1), 0.5, 2), Close);
    }

    [Fact]
    public void Nesterov_looks_ahead()
    {
        // v = 2; w = 1 - 0.1 * (2 + 0.9 * 2) = 0.62; v = 3.8; w = 0.62 - 0.1 * (2 + 0.9 * 3.8) = 0.078
        Assert.Equal([0.62f, 0.078f], Train(new Sgd(0.9, IsNesterov: true), 0.1, 2), Close);
    }

    [Fact]
    public void Plain_gradient_descent_keeps_no_state() => Assert.Equal([0.8f, 0.6f], Train(new Sgd(0), 0.1, 2), Close);

    [Fact]
    public void Adam_moves_by_the_rate_while_gradients_are_equal() =>
        Assert.Equal([0.9f, 0.8f, 0.7f], Train(new Adam(), 0.1, 3), Close);

    [Fact]
    public void Decoupled_decay_takes_the_rate_times_the_weight() =>
        // 1 * (1 - 0.1 * 0.5) - 0.1 = 0.85; 0.85 * 0.95 - 0.1 = 0.7075
        Assert.Equal([0.85f, 0.7075f], Train(new Adam(WeightDecay: 0.5, IsDecoupled: true), 0.1, 2), Close);

    [Fact]
    public void Schedules_are_functions_of_the_step()
    {
        var cosine = new CosineSchedule(1, 110, 10, 0.1);
        Assert.Equal([0.1, 1, 1, 0.55, 0.1, 0.1], new long[] { 0, 9, 10, 60, 110, 500 }.Select(cosine.At), (a, b) => Math.Abs(a - b) < 1e-12);
        var steps = new StepSchedule(1, 0.1, 100, 200);
        Assert.Equal([1, 0.1, 0.01], new long[] { 99, 100, 250 }.Select(steps.At), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(0.3, new ConstantSchedule(0.3).At(7));
    }

    private static bool Close(float a, float b) => Math.Abs(a - b) < 1e-5f;

    private static float[] Train(IOptimizer optimizer, double rate, int steps)
    {
        var draft = new GraphDraft("line", 13);
        Tensor x = draft.Input(new Tensor("x", ElementType.Float32, new Shape(1, 1)));
        Tensor w = draft.Constant(Constant.Of<float>("w", ElementType.Float32, new Shape(1, 1), [1]));
        draft.Add(new Operator("y", "MatMul", [x.Name, w.Name], ["y"]));
        var graph = TrainingGraph.Build(draft.ToGraph(["y"]), d => d.SumAll(d["y"]), optimizer);
        using var session = new TrainingSession(graph, 1);
        session.Input<float>("x")[0] = 2;
        float[] weights = new float[steps];
        for (int i = 0; i < steps; i++)
        {
            session.Step(rate);
            weights[i] = session.Export().Constants["w"].AsSpan<float>()[0];
        }
        return weights;
    }
}
