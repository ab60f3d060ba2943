using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;

namespace Tandem.Graphs.Tests.Kernels;

public sealed class KernelDetectorTests
{
    private static readonly IReadOnlyDictionary<string, int> Opsets =
        new Dictionary<string, int> { [""] = 13, ["com.microsoft"] = 1 };

    [Fact]
    public void A_fused_operator_is_found_by_the_tensors_at_its_borders()
    {
        Graph prepared = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]),
            new Operator("r", "Relu", ["a"], ["b"]),
            new Operator("s", "Add", ["b", "x"], ["y"]));
        Graph optimised = Make(
            new Operator("f", "FusedConv", ["x", "w"], ["b"], domain: "com.microsoft"),
            new Operator("s", "Add", ["b", "x"], ["y"]));
        Network network = KernelDetector.Detect(prepared, optimised);
        Assert.Equal(["Conv+Relu", "Add"], network.Kernels.Select(k => k.Type));
        Assert.Equal(["x"], network.Kernels[0].Inputs);
        Assert.Equal(["b"], network.Kernels[0].Outputs);
        Assert.Equal(["b", "x"], network.Kernels[1].Inputs);
        Assert.Equal(["y"], network.Kernels[1].Outputs);
    }

    [Fact]
    public void A_removed_operator_belongs_to_its_reader()
    {
        Graph prepared = Make(
            new Operator("i", "Identity", ["x"], ["a"]), new Operator("r", "Relu", ["a"], ["y"]));
        Network network = KernelDetector.Detect(prepared, Make(new Operator("r", "Relu", ["x"], ["y"])));
        Assert.Equal(["Identity+Relu"], network.Kernels.Select(k => k.Type));
    }

    [Fact]
    public void Where_names_do_not_line_up_every_operator_is_in_one_kernel()
    {
        Graph prepared = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]),
            new Operator("r", "Relu", ["a"], ["b"]),
            new Operator("t", "Tanh", ["b"], ["y"]));
        Graph optimised = Make(
            new Operator("q", "Conv", ["x", "w"], ["other"]), new Operator("t", "Tanh", ["other"], ["y"]));
        Network network = KernelDetector.Detect(prepared, optimised);
        AssertPartition(network);
    }

    [Fact]
    public void Groups_that_wait_for_each_other_are_taken_apart()
    {
        // Exp and Add seem fused, but Relu lies between them.
        Graph prepared = Make(
            new Operator("e", "Exp", ["x"], ["a"]),
            new Operator("r", "Relu", ["a"], ["b"]),
            new Operator("s", "Add", ["a", "b"], ["y"]));
        Graph optimised = Make(
            new Operator("r", "Relu", ["x"], ["b"]), new Operator("f", "Add", ["x", "b"], ["y"]));
        AssertPartition(KernelDetector.Detect(prepared, optimised));
    }

    [Theory]
    [InlineData("resnet50", "Conv+BatchNormalization+Relu")]
    [InlineData("resnet50", "Conv+BatchNormalization+Add+Relu")]
    [InlineData("mobilenetv2", "Conv+BatchNormalization+Clip")]
    [InlineData("mobilenetv2", "Conv+BatchNormalization+Add")]
    [InlineData("googlenet", "Conv+Relu")]
    [InlineData("tandem-demo", "Conv+BatchNormalization+Relu")]
    public void Rules_find_the_usual_fusions(string name, string type)
    {
        Network network = KernelDetector.Detect(ModelZoo.Make(name, 48));
        AssertPartition(network);
        Assert.Contains(network.Kernels, k => k.Type == type);
        Assert.DoesNotContain(network.Kernels, k => k.Type is "Add" or "Relu");
    }

    [Fact]
    public void A_result_that_others_read_too_is_not_fused()
    {
        Graph graph = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]),
            new Operator("r", "Relu", ["a"], ["b"]),
            new Operator("s", "Add", ["a", "b"], ["y"]));
        Assert.Equal(["Conv", "Relu", "Add"], KernelDetector.Detect(graph).Kernels.Select(k => k.Type));
    }

    [Fact]
    public void A_residual_joins_the_deeper_of_two_convolutions()
    {
        Graph graph = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]),
            new Operator("d", "Conv", ["a", "w"], ["b"]),
            new Operator("e", "Conv", ["x", "w"], ["c"]),
            new Operator("s", "Add", ["b", "c"], ["z"]),
            new Operator("r", "Relu", ["z"], ["y"]));
        Network network = KernelDetector.Detect(graph);
        Assert.Equal(["Conv", "Conv", "Conv+Add+Relu"], network.Kernels.Select(k => k.Type));
        Assert.Equal(["a", "c"], network.Kernels[2].Inputs);
    }

    [Fact]
    public void An_operand_that_is_made_from_the_convolution_keeps_them_apart()
    {
        Graph graph = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]),
            new Operator("t", "Tanh", ["a"], ["b"]),
            new Operator("d", "Conv", ["b", "w"], ["e"]),
            new Operator("s", "Add", ["e", "a"], ["y"]));
        Assert.Equal(["Conv", "Tanh", "Conv+Add"], KernelDetector.Detect(graph).Kernels.Select(k => k.Type));
        AssertPartition(KernelDetector.Detect(graph));
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "w")]
    public void Additions_of_a_tensor_to_itself_or_of_a_constant_stay_apart(string left, string right)
    {
        Graph graph = Make(
            new Operator("c", "Conv", ["x", "w"], ["a"]), new Operator("s", "Add", [left, right], ["y"]));
        Assert.Equal(["Conv", "Add"], KernelDetector.Detect(graph).Kernels.Select(k => k.Type));
    }

    private static void AssertPartition(Network network)
    {
        Assert.Equal(
            network.Graph.Operators.Select(o => o.Name).Order(),
            network.Kernels.SelectMany(k => k.Operators).Select(o => o.Name).Order());
        HashSet<string> known = [.. network.Graph.Inputs.Select(i => i.Name)];
        foreach (Kernel kernel in network.Kernels)
        {
            Assert.Equal(network.Kernels[kernel.Index], kernel);
            Assert.All(kernel.Inputs, i => Assert.Contains(i, known));
            known.UnionWith(kernel.Outputs);
        }
    }

    private static Graph Make(params Operator[] operators) => new(
        "test", Opsets, [new Tensor("x", ElementType.Float32, new Shape(1, 2, 4, 4))], ["y"], operators,
        [Constant.Of<float>("w", ElementType.Float32, new Shape(2, 2, 1, 1), [1, 2, 3, 4])]);
}
