using Tandem.Graphs;
using Tandem.Graphs.Onnx;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;
using Tandem.Processors.OnnxRuntime;
using Tandem.Tests;

namespace Tandem.Learning.Tests.Differentiation;

/// <summary>Published classification networks, of operator sets 7 to 9, can be trained.</summary>
public class PublishedNetworkTests
{
    [Theory]
    [InlineData("mnist")]
    [InlineData("SqueezeNet_fp16")]
    [InlineData("light/light_bvlc_alexnet")]
    [InlineData("light/light_densenet121")]
    [InlineData("light/light_inception_v1")]
    [InlineData("light/light_inception_v2")]
    [InlineData("light/light_resnet50")]
    [InlineData("light/light_shufflenet")]
    [InlineData("light/light_squeezenet")]
    [InlineData("light/light_vgg19")]
    [InlineData("light/light_zfnet512")]
    public void Step_of_every_weight_can_be_written(string name)
    {
        Graph network = Precision.WidenToFloat32(OnnxFile.Load(SharedModels.PathOf($"{name}.onnx")));
        TrainingGraph graph = TrainingGraph.Build(network, draft => Loss(draft, network), new Sgd());
        Assert.Equal(TrainableWeights.Of(graph.Forward).Count, graph.States.Count(state => state.Tensor.Name.EndsWith("~velocity", StringComparison.Ordinal)));
        Assert.True(graph.States.Count > 4, $"{graph.States.Count} tensors are trained");
    }

    [Theory]
    [InlineData("mnist")]
    [InlineData("light/light_squeezenet")]
    public void Network_makes_what_it_did_in_its_own_operator_set_and_its_steps_run(string name)
    {
        Graph network = OnnxFile.Load(SharedModels.PathOf($"{name}.onnx"));
        using var session = new TrainingSession(TrainingGraph.Build(network, draft => Loss(draft, network), new Sgd(0)), 1);
        Span<float> image = session.Input<float>(network.Inputs[0].Name);
        for (int i = 0; i < image.Length; i++)
        {
            image[i] = i % 17 / 17f;
        }
        session.Input<long>("labels")[0] = 1;
        float[] expected = Infer(network, image.ToArray());
        session.Evaluate();
        Assert.Equal(expected, session.Output(network.Outputs[0].Name).ToArray(), (a, b) => Math.Abs(a - b) <= 1e-4f * Math.Max(1, Math.Abs(a)));
        float first = session.Step(1e-4);
        Assert.True(session.Evaluate() <= first + 1e-5f, $"the loss was {first}");
    }

    private static float[] Infer(Graph network, float[] image)
    {
        using var session = new InferenceSession(OnnxFile.Serialize(network));
        using var input = OrtValue.CreateTensorValueFromMemory(image, [.. network.Inputs[0].Shape]);
        using OrtValue output = session.Run(null, [network.Inputs[0].Name], [input], [network.Outputs[0].Name])[0];
        return output.GetTensorDataAsSpan<float>().ToArray();
    }

    // Of the last output whatever it is; where it is a softmax's this is a loss of no use, but its gradient goes through the whole network.
    private static Tensor Loss(GraphDraft draft, Graph network)
    {
        Tensor output = draft[network.Outputs[0].Name];
        if (output.Type != ElementType.Float32)
        {
            output = draft.Add("Cast", [output], ("to", new AttributeValue.Int((long)ElementType.Float32)));
        }
        Tensor logits = draft.Reshape(output, new Shape(output.Shape[0], output.Shape.ElementCount / output.Shape[0]));
        return Losses.SoftmaxCrossEntropy(draft, logits, draft.Input(new Tensor("labels", ElementType.Int64, new Shape(output.Shape[0]))));
    }
}
