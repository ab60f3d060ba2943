using Tandem.Graphs;
using Tandem.Graphs.Onnx;
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
        Assert.True(network.Opset < 13);
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
}
