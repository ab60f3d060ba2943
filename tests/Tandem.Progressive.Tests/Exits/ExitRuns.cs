using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Processors.OnnxRuntime;
using Tandem.Progressive.Exits;

namespace Tandem.Progressive.Tests.Exits;

/// <summary>What must hold of every network that was given exits.</summary>
internal static class ExitRuns
{
    /// <summary>Runs a network before and after, and looks at its description.</summary>
    public static void Check(Graph network, ExitOptions options)
    {
        Graph progressive = ExitGenerator.Add(network, options);
        CheckCosts(network, progressive, options);
        IReadOnlyList<float[]> before = Run(network);
        IReadOnlyList<float[]> after = Run(progressive);
        Assert.Equal(before[0], after[^1], (a, b) => Math.Abs(a - b) <= 1e-5f + (1e-4f * Math.Abs(a)));
        Assert.All(after, output => Assert.All(output, number => Assert.True(float.IsFinite(number))));
    }

    /// <summary>Exits are in order, their multiply-accumulates are those of the network cut off there, heads keep within their budget.</summary>
    public static void CheckCosts(Graph network, Graph progressive, ExitOptions options)
    {
        IReadOnlyList<Exit> exits = ProgressiveDescription.Of(progressive)!.Exits;
        Shape scores = network.Outputs[0].Shape;
        Assert.Equal(options.Positions.Count + 1, exits.Count);
        Assert.Equal(exits.Select(exit => exit.Output), progressive.Outputs.Select(output => output.Name));
        Assert.Equal(network.Outputs[0], progressive.Outputs[^1]);
        Assert.All(progressive.Outputs.SkipLast(1), output => Assert.Equal(new Shape(scores[0], scores[1]), output.Shape));
        Assert.Equal(network.Inputs, progressive.Inputs);
        long before = 0;
        for (int i = 0; i < exits.Count; i++)
        {
            Graph upToHere = new GraphDraft(progressive).ToGraph([.. exits.Take(i + 1).Select(exit => exit.Output)]);
            Assert.Equal(OperatorCost.Of(upToHere).Macs / scores[0], exits[i].Macs);
            Assert.True(exits[i].Macs > before);
            before = exits[i].Macs;
        }
        long own = OperatorCost.Of(new GraphDraft(network).ToGraph([network.Outputs[0].Name])).Macs / scores[0];
        Assert.InRange(exits[^1].Macs - own, 1, (long)(own * options.HeadBudget));
    }

    /// <summary>The outputs on numbers from 0 to 1.</summary>
    public static IReadOnlyList<float[]> Run(Graph graph)
    {
        using var session = new InferenceSession(OnnxFile.Serialize(graph));
        Tensor image = graph.Inputs[0];
        float[] numbers = [.. Enumerable.Range(0, (int)image.Shape.ElementCount).Select(i => (i * 37 % 256) / 256f)];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(numbers, [.. image.Shape]);
        IReadOnlyList<OrtValue> outputs = session.Run(null, [image.Name], [input], [.. graph.Outputs.Select(o => o.Name)]);
        float[][] copies = [.. outputs.Select(output => output.GetTensorDataAsSpan<float>().ToArray())];
        foreach (OrtValue output in outputs)
        {
            output.Dispose();
        }
        return copies;
    }
}
