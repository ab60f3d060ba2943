using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

/// <summary>Concatenations that no step makes.</summary>
public sealed class InPlaceTests
{
    private const double Tolerance = 1e-4;

    [Fact]
    public void Operands_lie_in_the_result_one_inside_the_other()
    {
        Network network = KernelDetector.Detect(Dense());
        Plan plan = InPlace(network, "one");
        Slice[] slices = [.. plan.Steps.Select(s => s.Slice.Cut(network))];
        Assert.DoesNotContain(plan.Steps, s => network.Kernels[s.Slice.Kernels.First].Type == "Concat");
        using SharedTensors tensors = SharedTensors.Allocate(network.Graph, plan, slices);
        Operator[] concatenations = [.. network.Graph.Operators.Where(op => op.Type == "Concat")];
        Assert.Equal(3, concatenations.Length);
        foreach (Concatenation place in concatenations.Select(op => Concatenation.Of(network.Graph, op.Outputs[0])!))
        {
            TensorView whole = tensors.View(new SliceEnd(place.Result, TensorRange.Whole));
            foreach ((Tensor operand, long from, _) in place.Operands)
            {
                TensorView part = tensors.View(new SliceEnd(operand, TensorRange.Whole));
                Assert.Same(whole.Buffer, part.Buffer);
                Assert.Equal(whole.ByteOffset + from * 12 * 12 * sizeof(float), part.ByteOffset);
            }
        }
    }

    [Fact]
    public void Plans_without_their_steps_give_the_right_outputs()
    {
        Graph model = Dense();
        Network network = GraphPreparation.Prepare(model);
        using LocalDevice device = BothEngines.Open();
        float[] input = BothEngines.Input(model, seed: 3);
        float[] expected = BothEngines.Plain(model, input);
        int withoutSteps = 0;
        for (int seed = 0; seed < 25; seed++)
        {
            Plan plan = seed == 0 ? InPlace(network, "cpu", "gpu") : RandomPlans.Make(network, seed, "cpu", "gpu");
            PlanCheck.Require(plan, network, plan.NetworkSignature);
            withoutSteps += network.Kernels.Count(k => plan.Steps.All(s => k.Index < s.Slice.Kernels.First || s.Slice.Kernels.End <= k.Index));
            using var compiled = new CompiledSlices(network);
            using var executor = new PlanExecutor(plan, compiled, device.ByName);
            for (int run = 0; run < 2; run++)
            {
                input.CopyTo(executor.Memory(model.Inputs[0].Name).AsSpan<float>());
                executor.Run(TestContext.Current.CancellationToken);
                Assert.InRange(
                    OutputComparison.MaxRelativeError(executor.Memory(model.Outputs[0].Name).AsSpan<float>(), expected), 0, Tolerance);
            }
        }
        Assert.InRange(withoutSteps, 10, int.MaxValue);
    }

    /// <summary>Concatenations of concatenations, and one whose operand another kernel reads too.</summary>
    private static Graph Dense()
    {
        var net = new GraphBuilder("dense");
        Tensor x = net.Relu(net.Conv(net.Input("image", 1, 3, 12, 12), 8, 3, pad: 1));
        for (int i = 0; i < 3; i++)
        {
            x = net.Concat(x, net.Conv(net.Relu(net.Conv(x, 12, 1)), 6, 3, pad: 1));
        }
        return net.Build(1, net.Relu(net.Conv(x, 10, 1)));
    }

    private static Plan InPlace(Network network, params string[] processors) =>
        new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("in place", [.. network.Kernels
            .Where(k => k.Type != "Concat")
            .Select(k => new StepDraft(processors[k.Index % processors.Length], SliceSpec.Of(new KernelRange(k.Index, k.Index + 1)), 1))]);
}
