using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Progressive.Exits;
using Tandem.Tests;

namespace Tandem.Progressive.Tests.Exits;

public class ExitRefusalTests
{
    [Theory]
    [InlineData("no position", new double[0])]
    [InlineData("position 0 is not between", new[] { 0.0, 0.5 })]
    [InlineData("position 1 is not between", new[] { 0.5, 1.0 })]
    [InlineData("position NaN is not between", new[] { double.NaN })]
    [InlineData("0.3 does not come after 0.6", new[] { 0.6, 0.3 })]
    [InlineData("0.6 does not come after 0.6", new[] { 0.6, 0.6 })]
    public void Positions_that_make_no_sense(string problem, double[] positions) =>
        Refused(Classifiers.Small(), problem, new ExitOptions { Positions = positions });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Budgets_that_make_no_sense(double budget) =>
        Refused(Classifiers.Small(), "budget of", new ExitOptions { HeadBudget = budget });

    [Fact]
    public void Heads_that_do_not_fit_the_budget() =>
        Refused(Classifiers.Small(), "larger budget", new ExitOptions { Positions = [0.5], HeadBudget = 1e-5 });

    [Fact]
    public void More_exits_than_places() => Refused(Classifiers.Small(), "places for early exits, not 6; ask for fewer", new ExitOptions());

    [Fact]
    public void No_classifier()
    {
        var net = new GraphBuilder("picture");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 16, 16), 8, 3, pad: 1));
        Refused(net.Build(1, net.Conv(x, 3, 3, pad: 1)), "no classifier", new ExitOptions());
    }

    [Fact]
    public void Several_outputs()
    {
        var net = new GraphBuilder("two");
        Tensor x = net.Flatten(net.GlobalAveragePool(net.Relu(net.Conv(net.Input("image", 1, 3, 16, 16), 8, 3, pad: 1))));
        Refused(net.Build(1, net.Gemm(x, 10), net.Gemm(x, 5)), "not one output", new ExitOptions());
    }

    [Fact]
    public void No_layer_to_leave_after()
    {
        var net = new GraphBuilder("linear");
        Tensor x = net.Flatten(net.Input("image", 1, 3, 16, 16));
        Refused(net.Build(1, net.Gemm(x, 10)), "no place for an early exit", new ExitOptions());
    }

    [Fact]
    public void Exits_a_second_time()
    {
        var options = new ExitOptions { Positions = [0.5], HeadBudget = 0.2 };
        Refused(ExitGenerator.Add(Classifiers.Small(), options), "has exits already", options);
    }

    [Fact]
    public void A_network_in_half_precision() =>
        Refused(OnnxFile.Load(SharedModels.PathOf("SqueezeNet_fp16.onnx")), "float32", new ExitOptions());

    [Fact]
    public void Exits_of_a_network_that_has_none()
    {
        Graph network = Classifiers.Small();
        foreach (Action action in (Action[])[
            () => ExitCuts.Increments(network), () => HeadsOnly.Of(network),
            () => JointObjective.Rising(network), () => JointObjective.Equal(network)])
        {
            Assert.Contains("has no exits", Assert.Throws<ExitException>(action).Message, StringComparison.Ordinal);
        }
    }

    private static void Refused(Graph network, string problem, ExitOptions options)
    {
        var e = Assert.Throws<ExitException>(() => ExitGenerator.Add(network, options));
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
