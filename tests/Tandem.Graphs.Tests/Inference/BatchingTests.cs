using Tandem.Graphs.Inference;
using Tandem.Graphs.Networks;

namespace Tandem.Graphs.Tests.Inference;

public class BatchingTests
{
    [Theory]
    [InlineData("resnet20")]
    [InlineData("mobilenetv2")]
    [InlineData("googlenet")]
    [InlineData("squeezenet1.1")]
    public void Batch_is_that_of_a_network_made_for_it_and_back(string name)
    {
        Graph one = ModelZoo.Make(name, inputSize: 64);
        Graph many = Batching.WithBatch(one, 6);
        Graph expected = ConstantFolding.Fold(ModelZoo.Make(name, inputSize: 64, batch: 6));
        Assert.Equal(expected.Operators.Select(op => expected.Tensors[op.Outputs[0]]), many.Operators.Select(op => many.Tensors[op.Outputs[0]]));
        Graph back = Batching.WithBatch(many, 1);
        Assert.Equal(one.Outputs, back.Outputs);
        Assert.Equal(one.Inputs, back.Inputs);
    }

    [Fact]
    public void Constant_shapes_follow_the_batch_where_their_tensors_do()
    {
        // The images have the batch, the bias has not.
        var input = new Tensor("x", ElementType.Float32, new Shape(1, 3, 2, 2));
        var one = new Graph(
            "reshaping", new Dictionary<string, int> { [""] = 13 }, [input], ["y"],
            [
                new Operator("r", "Reshape", ["x", "shape"], ["flat"]),
                new Operator("m", "MatMul", ["flat", "square"], ["product"]),
                new Operator("a", "Add", ["product", "row"], ["y"]),
            ],
            [
                Constant.Of<long>("shape", ElementType.Int64, new Shape(2), [1, 12]),
                Constant.Of<float>("square", ElementType.Float32, new Shape(12, 12), new float[144]),
                Constant.Of<float>("row", ElementType.Float32, new Shape(1, 12), new float[12]),
            ]);
        Graph many = Batching.WithBatch(one, 5);
        Assert.Equal(new Shape(5, 12), many.Outputs[0].Shape);
        Assert.Equal(new Shape(1, 12), many.Tensors["row"].Shape);
        Graph back = Batching.WithBatch(Batching.WithBatch(many, 3), 1);
        Assert.Equal(new Shape(1, 12), back.Outputs[0].Shape);
        Assert.DoesNotContain(back.Constants.Keys, key => key.Split("~batch").Length > 2);
    }

    [Fact]
    public void Networks_for_one_batch_only_are_refused_in_a_line()
    {
        // All images of the batch become one row: there is no other batch for that.
        var input = new Tensor("x", ElementType.Float32, new Shape(2, 6));
        Graph graph = new(
            "mixed", new Dictionary<string, int> { [""] = 13 }, [input], ["y"],
            [new Operator("r", "Reshape", ["x", "s"], ["z"]), new Operator("t", "Reshape", ["z", "u"], ["y"])],
            [
                Constant.Of<long>("s", ElementType.Int64, new Shape(2), [1, 12]),
                Constant.Of<long>("u", ElementType.Int64, new Shape(2), [2, 6]),
            ]);
        string message = Assert.Throws<InvalidModelException>(() => Batching.WithBatch(graph, 3)).Message;
        Assert.Contains("'mixed' cannot take 3 images", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
