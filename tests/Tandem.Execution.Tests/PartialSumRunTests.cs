using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

/// <summary>Plans that divide everything they can by input channels, on ONNX Runtime and OpenCL, against plain ONNX Runtime.</summary>
public sealed class PartialSumRunTests
{
    private const double Tolerance = 1e-4;
    private const int LongestSegment = 6;
    private const int Seed = 5;

    [Theory]
    [InlineData(SliceAxis.None)]
    [InlineData(SliceAxis.Channels)]
    [InlineData(SliceAxis.Rows)]
    public void Small_network_is_right_on_both_engines(SliceAxis reduction) =>
        RequireRight(SmallNetwork(), reduction, [0.4], "cpu", "gpu");

    [Fact]
    public void Small_network_is_right_in_three_parts() =>
        RequireRight(SmallNetwork(), SliceAxis.Channels, [0.25, 0.625], "cpu", "gpu", "ort-all-cores");

    [Theory]
    [InlineData("tandem-demo")]
    [InlineData("mobilenetv2")]
    [InlineData("resnet50")]
    public void Networks_are_right_on_both_engines(string name) =>
        RequireRight(ModelZoo.Make(name, 64), SliceAxis.Channels, [0.5], "cpu", "gpu");

    private static void RequireRight(Graph model, SliceAxis reduction, double[] cuts, params string[] processors)
    {
        Network network = GraphPreparation.Prepare(model);
        using LocalDevice device = BothEngines.Open();
        Plan plan = DivideByInputs(network, reduction, cuts, processors);
        Assert.Contains(plan.Steps, s => s.Slice.Axis == SliceAxis.InputChannels && s.Slice.Kernels.Count > 1);
        Assert.Contains(plan.Steps, s => s.Slice.Summands > 0 && s.Slice.Axis == reduction);
        float[] input = BothEngines.Input(model, Seed);
        float[] expected = BothEngines.Plain(model, input);
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(plan, compiled, device.ByName);
        for (int run = 0; run < 2; run++)
        {
            input.CopyTo(executor.Memory(model.Inputs[0].Name).AsSpan<float>());
            executor.Run();
            double error = OutputComparison.MaxRelativeError(executor.Memory(model.Outputs[0].Name).AsSpan<float>(), expected);
            Assert.InRange(error, 0, Tolerance);
        }
    }

    /// <summary>From the first kernel on, the longest segment that can be divided by input channels; what cannot is left whole.</summary>
    private static Plan DivideByInputs(Network network, SliceAxis reduction, double[] cuts, string[] processors)
    {
        double[] bounds = [0, .. cuts, 1];
        Share[] shares = [.. bounds.Zip(bounds.Skip(1), (begin, end) => new Share(begin, end))];
        List<StepDraft> drafts = [];
        for (int first = 0; first < network.Kernels.Count;)
        {
            int longest = Math.Min(LongestSegment, network.Kernels.Count - first);
            SliceSpec[]? specs = Enumerable.Range(0, longest)
                .Select(shorter => Specs(network, new KernelRange(first, first + longest - shorter), shares, reduction))
                .FirstOrDefault(found => found is not null);
            specs ??= [SliceSpec.Of(new KernelRange(first, first + 1))];
            drafts.AddRange(specs.Select((spec, i) => new StepDraft(processors[(drafts.Count + i) % processors.Length], spec, 1)));
            first = specs[0].Kernels.End;
        }
        return new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("pairs", drafts);
    }

    private static SliceSpec[]? Specs(Network network, KernelRange kernels, Share[] shares, SliceAxis reduction)
    {
        SliceSpec[] partials = [.. shares.Select((share, i) => new SliceSpec(kernels, SliceAxis.InputChannels, share) { Part = i })];
        SliceSpec sum = SliceSpec.Of(kernels) with { Summands = shares.Length };
        SliceSpec[] divided = [.. shares.Select(share => sum with { Axis = reduction, Share = share })];
        return partials.Any(spec => Slicer.Outline(network, spec) is null) ? null
            : reduction == SliceAxis.None || divided.Any(spec => Slicer.Outline(network, spec) is null) ? [.. partials, sum]
            : [.. partials, .. divided];
    }

    // A residual bottleneck with a depthwise convolution, a pooling between two convolutions, and a classifier.
    private static Graph SmallNetwork()
    {
        var net = new GraphBuilder("small");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 24, 24), 16, 3, stride: 2, pad: 1));
        Tensor wide = net.Clip(net.DepthwiseConv(net.Clip(net.Conv(x, 48, 1)), 3, 1, 1));
        x = net.Relu(net.Add(x, net.Conv(wide, 16, 1)));
        x = net.Relu(net.Conv(net.MaxPool(net.Relu(net.Conv(x, 40, 3, pad: 1)), 2, 2), 24, 3, pad: 1));
        return net.Build(Seed, net.Gemm(net.Flatten(net.GlobalAveragePool(net.Relu(net.Conv(x, 32, 1)))), 10));
    }
}
