using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Opsets;
using Tandem.Learning.Training;
using Tandem.Progressive.Exits;
using Tandem.Tests;

namespace Tandem.Progressive.Tests.Exits;

public class OldNetworkTests
{
    [Fact]
    public void Heads_of_a_network_from_a_file_of_an_old_operator_set_are_trained()
    {
        Graph network = OnnxFile.Load(SharedModels.PathOf(Path.Combine("light", "light_squeezenet.onnx")));
        Assert.True(network.Opset < OpsetLift.Opset);
        Graph progressive = ExitGenerator.Add(network, new ExitOptions { Positions = [0.15, 0.3] });
        JointObjective objective = JointObjective.Equal(progressive);
        TrainingGraph graph = TrainingGraph.Build(progressive, objective.AddLoss, new Sgd(), HeadsOnly.Options(progressive));
        using var session = new TrainingSession(graph, 1);
        session.Input<float>(network.Inputs[0].Name).Fill(0.5f);
        session.Input<long>(ITrainingObjective.Labels)[0] = 7;
        objective.BeginStep(session, 0);
        float first = session.Step(0.01);
        Assert.True(session.Evaluate() < first);
    }

    [Fact]
    public void What_was_an_attribute_becomes_an_input()
    {
        Graph old = Old(
            10, Make("Clip", "image", "clip", ("min", new AttributeValue.Float(0.1f)), ("max", new AttributeValue.Float(0.7f))),
            Make("Pad", "clip", "pad", ("pads", new AttributeValue.Ints([0, 0, 1, 1, 0, 0, 1, 1])), ("value", new AttributeValue.Float(0.5f))),
            Make("ReduceSum", "pad", "sum", ("axes", new AttributeValue.Ints([3])), ("keepdims", new AttributeValue.Int(0))),
            Make("Unsqueeze", "sum", "wide", ("axes", new AttributeValue.Ints([3]))),
            Make("Squeeze", "wide", "narrow", ("axes", new AttributeValue.Ints([3]))),
            Make("Softmax", "narrow", "y", ("axis", new AttributeValue.Int(2))));
        Graph lifted = OpsetLift.Lift(old);
        Assert.Equal(OpsetLift.Opset, lifted.Opset);
        Assert.Equal(ExitRuns.Run(old)[0], ExitRuns.Run(lifted)[0]);
        Assert.Same(lifted, OpsetLift.Lift(lifted));
    }

    [Fact]
    public void What_cannot_be_rewritten_is_named()
    {
        Graph overAll = Old(9, Make("Softmax", "image", "y"));
        Assert.Contains("'y'", Assert.Throws<InvalidModelException>(() => OpsetLift.Lift(overAll)).Message, StringComparison.Ordinal);
        Graph ancient = Old(6, Make("Relu", "image", "y"));
        Assert.Contains("operator set 6", Assert.Throws<InvalidModelException>(() => OpsetLift.Lift(ancient)).Message, StringComparison.Ordinal);
    }

    private static Graph Old(int opset, params IReadOnlyList<Operator> operators) => new(
        "old", new Dictionary<string, int> { [""] = opset }, [new Tensor("image", ElementType.Float32, new Shape(1, 3, 4, 4))], ["y"], operators, []);

    private static Operator Make(string type, string input, string output, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        Dictionary<string, AttributeValue> set = [];
        foreach ((string name, AttributeValue value) in attributes)
        {
            set[name] = value;
        }
        return new Operator(output, type, [input], [output], set);
    }
}
