using Tandem.Graphs.Tests.Onnx;

namespace Tandem.Graphs.Tests.Inference;

/// <summary>Output shapes against ones worked out by hand from the ONNX operator specification.</summary>
public sealed class ShapeInferenceTests
{
    [Theory]
    [InlineData("Conv", "1x3x8x8 4x3x3x3", "", "[1,4,6,6]")]
    [InlineData("Conv", "1x3x8x8 4x3x3x3 4", "pads=1,1,1,1 strides=2,2", "[1,4,4,4]")]
    [InlineData("Conv", "2x3x9x7 4x3x3x2", "pads=0,1,2,0 dilations=2,3 strides=3,2", "[2,4,3,3]")]
    [InlineData("Conv", "1x6x5x5 6x1x3x3", "group=6 auto_pad=SAME_UPPER strides=2,2", "[1,6,3,3]")]
    [InlineData("Conv", "1x6x5x5 6x3x2x2", "group=2 auto_pad=VALID", "[1,6,4,4]")]
    [InlineData("Conv", "1x2x10 5x2x3", "", "[1,5,8]")]
    [InlineData("com.microsoft:FusedConv", "1x3x8x8 4x3x3x3 4 1x4x6x6", "activation=Relu", "[1,4,6,6]")]
    [InlineData("ConvTranspose", "1x4x5x6 4x3x3x3", "strides=2,2", "[1,3,11,13]")]
    [InlineData("ConvTranspose", "1x4x5x6 4x3x3x3", "strides=2,2 pads=1,1,1,1 output_padding=1,1", "[1,3,10,12]")]
    [InlineData("ConvTranspose", "1x4x5x6 4x3x2x2", "group=2 dilations=2,2", "[1,6,7,8]")]
    [InlineData("ConvTranspose", "1x4x5x6 4x3x3x3", "strides=2,3 auto_pad=SAME_LOWER", "[1,3,10,18]")]
    [InlineData("ConvTranspose", "1x4x5x6 4x3x3x3", "strides=2,2 output_shape=10,12", "[1,3,10,12]")]
    [InlineData("MaxPool", "1x3x7x7", "kernel_shape=3,3 strides=2,2", "[1,3,3,3]")]
    [InlineData("MaxPool", "1x3x8x8", "kernel_shape=3,3 strides=2,2", "[1,3,3,3]")]
    [InlineData("MaxPool", "1x3x8x8", "kernel_shape=3,3 strides=2,2 ceil_mode=1", "[1,3,4,4]")]
    // The last window would begin in the padding behind the image, so it does not count.
    [InlineData("MaxPool", "1x1x3x3", "kernel_shape=2,2 strides=2,2 pads=1,1,1,1 ceil_mode=1", "[1,1,2,2]")]
    [InlineData("MaxPool", "1x3x8x8", "kernel_shape=2,2 dilations=3,3", "[1,3,5,5]")]
    [InlineData("AveragePool", "1x3x8x8", "kernel_shape=3,3 strides=2,2 auto_pad=SAME_LOWER", "[1,3,4,4]")]
    [InlineData("AveragePool", "1x3x8x8", "kernel_shape=2,4 pads=1,0,0,1", "[1,3,8,6]")]
    [InlineData("GlobalAveragePool", "2x3x8x9", "", "[2,3,1,1]")]
    [InlineData("GlobalMaxPool", "2x3x8", "", "[2,3,1]")]
    public void Windows(string type, string inputs, string attributes, string expected) =>
        Assert.Equal(expected, OneOperator.Shapes(13, type, inputs, attributes));

    [Theory]
    [InlineData("Gemm", "2x5 5x7 7", "", "[2,7]")]
    [InlineData("Gemm", "5x2 7x5", "transA=1 transB=1", "[2,7]")]
    [InlineData("com.microsoft:FusedGemm", "2x5 5x7 1x7", "activation=Relu", "[2,7]")]
    [InlineData("MatMul", "2x5 5x7", "", "[2,7]")]
    [InlineData("MatMul", "3x1x2x5 4x5x7", "", "[3,4,2,7]")]
    [InlineData("MatMul", "5 5x7", "", "[7]")]
    [InlineData("MatMul", "2x5 5", "", "[2]")]
    [InlineData("MatMul", "5 5", "", "[]")]
    [InlineData("com.microsoft:FusedMatMul", "3x5x2 3x7x5", "transA=1 transB=1", "[3,2,7]")]
    [InlineData("Add", "1x3x8x8 3x1x1", "", "[1,3,8,8]")]
    [InlineData("Mul", "4x1 1x5", "", "[4,5]")]
    [InlineData("Div", "scalar 4x1", "", "[4,1]")]
    [InlineData("Sum", "1x3 2x1 1", "", "[2,3]")]
    [InlineData("Max", "3", "", "[3]")]
    [InlineData("Where", "?2x1 1x3 3", "", "[2,3]")]
    [InlineData("PRelu", "1x3x8x8 3x1x1", "", "[1,3,8,8]")]
    [InlineData("Softmax", "1x10x2", "axis=1", "[1,10,2]")]
    [InlineData("LRN", "1x3x8x8", "size=5", "[1,3,8,8]")]
    [InlineData("InstanceNormalization", "1x3x8x8 3 3", "", "[1,3,8,8]")]
    [InlineData("BatchNormalization", "1x3x8x8 3 3 3 3", "", "[1,3,8,8]")]
    [InlineData("LpNormalization", "4x6", "axis=1", "[4,6]")]
    [InlineData("com.microsoft:Gelu", "4x6", "", "[4,6]")]
    public void Arithmetic(string type, string inputs, string attributes, string expected) =>
        Assert.Equal(expected, OneOperator.Shapes(13, type, inputs, attributes));

    [Theory]
    [InlineData(13, "Reshape", "2x3x4 [0,-1]", "", "[2,12]")]
    [InlineData(13, "Reshape", "2x3x4 [4,6]", "", "[4,6]")]
    [InlineData(14, "Reshape", "0x3 [3,0]", "allowzero=1", "[3,0]")]
    [InlineData(13, "Flatten", "2x3x4x5", "axis=2", "[6,20]")]
    [InlineData(13, "Flatten", "2x3", "axis=0", "[1,6]")]
    [InlineData(13, "Flatten", "2x3", "axis=2", "[6,1]")]
    [InlineData(13, "Flatten", "2x3x4", "axis=-1", "[6,4]")]
    [InlineData(13, "Transpose", "2x3x4", "", "[4,3,2]")]
    [InlineData(13, "Transpose", "2x3x4", "perm=1,2,0", "[3,4,2]")]
    [InlineData(11, "Squeeze", "1x3x1x4", "axes=0,", "[3,1,4]")]
    [InlineData(13, "Squeeze", "1x3x1x4 [-2]", "", "[1,3,4]")]
    [InlineData(13, "Squeeze", "1x3x1x4", "", "[3,4]")]
    [InlineData(11, "Unsqueeze", "3x4", "axes=0,3", "[1,3,4,1]")]
    [InlineData(13, "Unsqueeze", "3x4 [-1,1]", "", "[3,1,4,1]")]
    [InlineData(13, "Expand", "3x1 [2,1,6]", "", "[2,3,6]")]
    [InlineData(13, "Expand", "3x4 [1]", "", "[3,4]")]
    [InlineData(13, "Tile", "2x3 [2,1]", "", "[4,3]")]
    [InlineData(13, "Concat", "1x3x8x8 1x5x8x8", "axis=1", "[1,8,8,8]")]
    [InlineData(13, "Concat", "2 3 4", "axis=-1", "[9]")]
    [InlineData(9, "Slice", "10x20", "starts=0,-5 ends=1000,-1 axes=0,1", "[10,4]")]
    [InlineData(13, "Slice", "10x20 [0,-5] [1000,-1]", "", "[10,4]")]
    [InlineData(13, "Slice", "10x20 [8] [-9223372036854775807] [0] [-3]", "", "[3,20]")]
    [InlineData(13, "Slice", "10x20 [5] [3] [1]", "", "[10,0]")]
    [InlineData(13, "Gather", "5x4x3 [1,1]", "axis=1", "[5,2,3]")]
    [InlineData(9, "Pad", "1x3x8x8", "pads=0,0,1,2,0,0,3,4 mode=reflect", "[1,3,12,14]")]
    [InlineData(13, "Pad", "8x8 [1,0,-2,1]", "", "[7,9]")]
    [InlineData(18, "Pad", "1x3x8x8 [1,2] - [3]", "", "[1,3,8,11]")]
    [InlineData(7, "Crop", "1x3x10x12", "border=1,2,3,4", "[1,3,4,8]")]
    [InlineData(7, "Crop", "1x3x10x12", "border=1,2,0,0 scale=5,6", "[1,3,5,6]")]
    [InlineData(7, "ImageScaler", "1x3x10x12", "scale=2.0 bias=1.0,2.0,3.0", "[1,3,10,12]")]
    [InlineData(7, "Affine", "1x3x10x12", "alpha=2.0", "[1,3,10,12]")]
    [InlineData(13, "DepthToSpace", "1x12x4x5", "blocksize=2", "[1,3,8,10]")]
    [InlineData(13, "SpaceToDepth", "1x3x8x10", "blocksize=2", "[1,12,4,5]")]
    [InlineData(7, "Upsample", "1x3x8x10", "scales=1.0,1.0,2.0,1.5", "[1,3,16,15]")]
    [InlineData(9, "Upsample", "1x3x8x10 (1,1,2,1.55)", "", "[1,3,16,15]")]
    [InlineData(10, "Resize", "1x3x8x10 (1,1,0.5,2)", "", "[1,3,4,20]")]
    [InlineData(13, "Resize", "1x3x8x10 - (1,1,0.5,2)", "", "[1,3,4,20]")]
    [InlineData(13, "Resize", "1x3x8x10 () () [1,3,5,7]", "", "[1,3,5,7]")]
    [InlineData(18, "Resize", "1x3x8x10 - (0.5,2)", "axes=2,3", "[1,3,4,20]")]
    [InlineData(18, "Resize", "1x3x8x10 - - [4,20]", "axes=2,3 keep_aspect_ratio_policy=not_larger", "[1,3,4,5]")]
    [InlineData(13, "ReduceMean", "2x3x4", "axes=1,2 keepdims=0", "[2]")]
    [InlineData(13, "ReduceMean", "2x3x4", "axes=-1,", "[2,3,1]")]
    [InlineData(13, "ReduceSum", "2x3x4 [1]", "keepdims=0", "[2,4]")]
    [InlineData(13, "ReduceMax", "2x3x4", "", "[1,1,1]")]
    [InlineData(13, "ReduceSum", "2x3x4", "noop_with_empty_axes=1", "[2,3,4]")]
    [InlineData(13, "ArgMax", "2x3x4", "axis=1 keepdims=0", "[2,4]")]
    [InlineData(13, "Shape", "2x3x4", "", "[3]")]
    [InlineData(15, "Shape", "2x3x4", "start=-2 end=2", "[1]")]
    [InlineData(13, "Size", "2x3x4", "", "[]")]
    [InlineData(13, "Cast", "2x3x4", "to=7", "[2,3,4]")]
    [InlineData(13, "ConstantOfShape", "[2,3]", "", "[2,3]")]
    [InlineData(13, "Constant", "", "value_ints=1,2,3", "[3]")]
    [InlineData(13, "Range", "{2} {11} {3}", "", "[3]")]
    public void Layout(int opset, string type, string inputs, string attributes, string expected) =>
        Assert.Equal(expected, OneOperator.Shapes(opset, type, inputs, attributes));

    [Theory]
    [InlineData(11, "Split", "2x7", "axis=1 split=2,5", 2, "[2,2] [2,5]")]
    [InlineData(13, "Split", "6x2", "", 3, "[2,2] [2,2] [2,2]")]
    [InlineData(13, "Split", "2x7 [3,4]", "axis=-1", 2, "[2,3] [2,4]")]
    [InlineData(18, "Split", "7", "num_outputs=4", 4, "[2] [2] [2] [1]")]
    [InlineData(13, "MaxPool", "1x3x8x8", "kernel_shape=2,2", 2, "[1,3,7,7] [1,3,7,7]")]
    [InlineData(13, "Dropout", "2x3", "", 2, "[2,3] [2,3]")]
    [InlineData(17, "LayerNormalization", "2x3x4 4", "axis=-1", 3, "[2,3,4] [2,3,1] [2,3,1]")]
    public void Several_outputs(int opset, string type, string inputs, string attributes, int count, string expected) =>
        Assert.Equal(expected, OneOperator.Shapes(opset, type, inputs, attributes, count));

    [Theory]
    [InlineData(13, "Cast", "2", "to=7", ElementType.Int64)]
    [InlineData(13, "Equal", "2 2", "", ElementType.Boolean)]
    [InlineData(13, "ArgMax", "2", "", ElementType.Int64)]
    [InlineData(13, "Shape", "2", "", ElementType.Int64)]
    [InlineData(13, "ConstantOfShape", "[2]", "", ElementType.Float32)]
    [InlineData(13, "Where", "?2 [1,2] [3,4]", "", ElementType.Int64)]
    public void Element_types(int opset, string type, string inputs, string attributes, ElementType expected) =>
        Assert.Equal(expected, OneOperator.Of(opset, type, inputs, attributes).Outputs[0].Type);

    [Theory]
    [InlineData("Conv", "1x3x8x8 4x2x3x3", "", "do not fit input")]
    [InlineData("Conv", "1x3x8x8 4x3x3x3 5", "", "bias")]
    [InlineData("Conv", "1x3x8x8 4x3x3x3", "strides=0,1", "1 or more")]
    [InlineData("Conv", "1x3x8x8 4x3x9x9", "", "not even once")]
    [InlineData("Conv", "1x3x8x8 4x3x3x3", "kernel_shape=5,5", "differs from the weights")]
    [InlineData("Conv", "1x3x8x8 4x3x3x3", "auto_pad=SOMEHOW", "SOMEHOW")]
    [InlineData("Conv", "1x3x8x8", "", "input 1 is missing")]
    [InlineData("MaxPool", "1x3x8x8", "", "'kernel_shape' is missing")]
    [InlineData("Gemm", "2x5 4x7", "", "do not fit each other")]
    [InlineData("MatMul", "2x5 4x7", "", "do not fit each other")]
    [InlineData("Add", "2x5 4x7", "", "cannot be broadcast together")]
    [InlineData("Reshape", "2x3 [4,-1]", "", "cannot take the shape [4,-1]")]
    [InlineData("Reshape", "2x3 2", "", "depends on what the network is fed")]
    [InlineData("Transpose", "2x3", "perm=0,0", "no permutation")]
    [InlineData("Concat", "2x3 3x3", "axis=1", "differ beside axis 1")]
    [InlineData("Softmax", "2x3 2", "axis=1", "", 2)]
    [InlineData("Squeeze", "2x3 [0]", "", "not 1")]
    [InlineData("Where", "2 2 2", "", "must be Boolean")]
    [InlineData("Pad", "2x3 [0,0,0,-4]", "", "do not fit")]
    [InlineData("Tile", "2x3 [4611686018427387904,1]", "", "too large")]
    [InlineData("BatchNormalization", "1x3x8x8 3 3 3 4", "", "each of 3 channels")]
    public void What_does_not_fit_is_refused_in_one_line(
        string type, string inputs, string attributes, string expected, int outputs = 1)
    {
        var failure = Assert.Throws<InvalidModelException>(() => OneOperator.Of(13, type, inputs, attributes, outputs));

        Assert.StartsWith("operator 'op' ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.Equal(type, failure.Operator?.Type);
    }

    [Fact]
    public void Shapes_computed_by_operators_are_followed()
    {
        Graph graph = ShapeArithmetic.Resizing();

        Assert.Equal(new Shape(1, 3, 16, 20), graph.Tensors["r"].Shape);
        Assert.Equal(new Shape(1, 960), graph.Outputs[0].Shape);
    }
}
