using Tandem.Graphs.Costs;
using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Costs;

public sealed class OperatorCostTests
{
    /// <summary>
    /// File, operators and their types, parameters (-1 where they are not published), multiply-accumulates and what these
    /// are rounded to: the table that comes with the files.
    /// </summary>
    public static TheoryData<string, int, string, long, double, double> Published { get; } = new()
    {
        { "SqueezeNet_fp16.onnx", 66, "Concat 8, Conv 26, Dropout 1, GlobalAveragePool 1, MaxPool 3, Relu 26, Softmax 1", 1_235_496, 349.2e6, 0.1e6 },
        { "candy.onnx", 59, "Add 6, Affine 1, Conv 14, ConvTranspose 2, Crop 7, ImageScaler 1, InstanceNormalization 15, Mul 1, Pad 1, Relu 10, Tanh 1", 424_905, 20.35e9, 0.01e9 },
        { "mnist.onnx", 12, "Add 3, Conv 2, MatMul 1, MaxPool 2, Relu 2, Reshape 2", 5_998, 0.787e6, 0.001e6 },
        { "version-RFB-320.onnx", 242, "Add 3, BatchNormalization 35, Concat 13, Constant 31, Conv 52, Div 2, Exp 1, Gather 8, Mul 4, Relu 37, Reshape 8, Shape 8, Slice 6, Softmax 1, Sub 1, Transpose 8, Unsqueeze 24", 281_135, 100.4e6, 0.1e6 },
        { "light/light_bvlc_alexnet.onnx", 40, "ConstantOfShape 16, Conv 5, Dropout 2, Gemm 3, LRN 2, MaxPool 3, Relu 7, Reshape 1, Softmax 1", -1, 0.655e9, 0.001e9 },
        { "light/light_densenet121.onnx", 1746, "Add 121, AveragePool 3, BatchNormalization 121, Concat 58, ConstantOfShape 836, Conv 121, GlobalAveragePool 1, MaxPool 1, Mul 121, Relu 121, Unsqueeze 242", -1, 2.834e9, 0.001e9 },
        { "light/light_inception_v1.onnx", 237, "AveragePool 1, Concat 9, ConstantOfShape 93, Conv 57, Dropout 1, Gemm 1, LRN 2, MaxPool 13, Relu 57, Reshape 2, Softmax 1", -1, 1.432e9, 0.001e9 },
        { "light/light_inception_v2.onnx", 916, "Add 69, AveragePool 8, BatchNormalization 69, Concat 10, ConstantOfShape 407, Conv 69, Gemm 1, MaxPool 5, Mul 69, Relu 69, Reshape 1, Softmax 1, Unsqueeze 138", -1, 2.019e9, 0.001e9 },
        { "light/light_resnet50.onnx", 415, "AveragePool 1, BatchNormalization 53, ConstantOfShape 239, Conv 53, Gemm 1, MaxPool 1, Relu 49, Reshape 1, Softmax 1, Sum 16", -1, 4.089e9, 0.001e9 },
        { "light/light_shufflenet.onnx", 446, "AveragePool 4, BatchNormalization 49, Concat 3, ConstantOfShape 243, Conv 49, Gemm 1, MaxPool 1, Relu 33, Reshape 33, Softmax 1, Sum 13, Transpose 16", -1, 0.125e9, 0.001e9 },
        { "light/light_squeezenet.onnx", 105, "Concat 8, ConstantOfShape 39, Conv 26, Dropout 1, GlobalAveragePool 1, MaxPool 3, Relu 26, Softmax 1", -1, 0.349e9, 0.001e9 },
        { "light/light_vgg19.onnx", 82, "ConstantOfShape 36, Conv 16, Dropout 2, Gemm 3, MaxPool 5, Relu 18, Reshape 1, Softmax 1", -1, 19.63e9, 0.01e9 },
        { "light/light_zfnet512.onnx", 38, "ConstantOfShape 16, Conv 5, Gemm 3, LRN 2, MaxPool 3, Relu 7, Reshape 1, Softmax 1", -1, 1.482e9, 0.001e9 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Counts_of_a_real_network_are_the_published_ones(
        string file, int operators, string types, long parameters, double macs, double roundedTo)
    {
        Graph graph = ModelFiles.Load(file);

        OperatorCost cost = OperatorCost.Of(graph);

        Assert.Equal(operators, graph.Operators.Count);
        Assert.Equal(types, string.Join(", ", graph.Operators
            .CountBy(o => o.Type).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}")));
        Assert.InRange(cost.Macs, macs - (roundedTo / 2), macs + (roundedTo / 2));
        Assert.True(parameters < 0 || cost.ParameterCount == parameters, $"{cost.ParameterCount} parameters");
    }

    [Fact]
    public void A_convolution_costs_what_its_shapes_say()
    {
        Graph graph = SmallModels.Convolution();

        OperatorCost cost = OperatorCost.Of(graph.Operators[0], graph);

        // Output 4x4x4, each element over 3 channels and 3x3.
        Assert.Equal(64 * 27, cost.Macs);
        Assert.Equal(4 * ((3 * 64) + 108 + 4), cost.ReadBytes);
        Assert.Equal(4 * 64, cost.WriteBytes);
        Assert.Equal(112, cost.ParameterCount);
    }

    [Fact]
    public void Tensors_that_are_read_twice_count_once()
    {
        Graph graph = SmallModels.Of(
            13, [SmallModels.Floats("x", 2, 3)], ["y"], [new Operator("mul", "Mul", ["x", "x"], ["y"])]);

        Assert.Equal(new OperatorCost(0, 24, 24, 0), OperatorCost.Of(graph));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_gemm_takes_rows_times_columns_times_depth(long transA, long transB)
    {
        Graph graph = SmallModels.Of(
            13,
            [transA == 0 ? SmallModels.Floats("a", 2, 5) : SmallModels.Floats("a", 5, 2)],
            ["y"],
            [
                new Operator("gemm", "Gemm", ["a", "b"], ["y"], new Dictionary<string, AttributeValue>
                {
                    ["transA"] = new AttributeValue.Int(transA),
                    ["transB"] = new AttributeValue.Int(transB),
                }),
            ],
            transB == 0 ? SmallModels.Weights("b", 5, 7) : SmallModels.Weights("b", 7, 5));

        Assert.Equal(2 * 5 * 7, OperatorCost.Of(graph).Macs);
    }

    [Fact]
    public void A_batched_matrix_product_counts_every_batch()
    {
        Graph graph = SmallModels.Of(
            13, [SmallModels.Floats("a", 4, 2, 3), SmallModels.Floats("b", 3, 5)], ["y"],
            [new Operator("product", "MatMul", ["a", "b"], ["y"])]);

        Assert.Equal(4 * 2 * 3 * 5, OperatorCost.Of(graph).Macs);
    }
}
