using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Tests.Differentiation;

public class LossTests
{
    [Fact]
    public void Softmax_cross_entropy_with_labels_and_weights() => Property.ForSeeds(8, check =>
    {
        (int n, int classes) = (check.Random.Next(1, 5), check.Random.Next(2, 5));
        long[] labels = [.. Enumerable.Range(0, n).Select(_ => check.Random.NextInt64(classes))];
        double[] weights = [.. Enumerable.Range(0, n).Select(i => 0.5 + i)];
        Shape logits = new(n, classes);
        check.Run([logits], (draft, x) => Losses.SoftmaxCrossEntropy(draft, x[0], draft.Integers(labels)), -2, 2);
        check.Run(
            [logits],
            (draft, x) => Losses.SoftmaxCrossEntropy(
                draft, x[0], draft.Integers(labels), draft.Numbers(weights, x[0].Type, new Shape(n))), -2, 2);
    });

    [Fact]
    public void Softmax_cross_entropy_of_equal_logits_is_the_logarithm_of_the_number_of_classes()
    {
        using var loss = new Evaluation(
            ElementType.Float32, [new Shape(2, 4)], (draft, x) => Losses.SoftmaxCrossEntropy(draft, x[0], draft.Integers(3, 0)), [1], false);
        Assert.Equal(Math.Log(4), loss.Run([new double[8]])[0][0], 6);
    }

    [Fact]
    public void Errors_and_their_weighted_sum() => Property.ForSeeds(6, check =>
    {
        Shape shape = check.Shape(2);
        check.Run([shape, shape], (draft, x) => Losses.MeanSquared(draft, x[0], x[1]));
        check.Run([shape, shape], (draft, x) => Losses.Huber(draft, x[0], x[1], 0.4));
        check.Run([shape, shape], (draft, x) => Losses.WeightedSum(
            draft, [(Losses.MeanSquared(draft, x[0], x[1]), 0.3), (Losses.Huber(draft, x[0], x[1]), 2)]));
    });

    [Fact]
    public void Lstm_step_gives_gradients_to_everything_it_reads() => Property.ForSeeds(4, check =>
    {
        (int n, int features, int units) = (check.Random.Next(1, 3), check.Random.Next(1, 4), check.Random.Next(1, 3));
        check.Run(
            [new(n, features), new(n, units), new(n, units), new(4 * units, features), new(4 * units, units), new(4 * units)],
            (draft, x) =>
            {
                (Tensor hidden, Tensor cell) = LstmCell.Step(draft, x[0], x[1], x[2], x[3], x[4], x[5]);
                (hidden, cell) = LstmCell.Step(draft, x[0], hidden, cell, x[3], x[4], x[5]);
                return draft.Add("Concat", [hidden, cell], ("axis", new AttributeValue.Int(1)));
            });
    });

    [Fact]
    public void Operators_without_a_rule_are_named_in_one_line()
    {
        var draft = new GraphDraft("net", GradientBuilder.Opset);
        Tensor x = draft.Input(new Tensor("x", ElementType.Float32, new Shape(1, 2, 3, 3)));
        Tensor loss = draft.SumAll(draft.Add("MeanVarianceNormalization", [x]));
        var e = Assert.Throws<DifferentiationException>(() => GradientBuilder.Add(draft, loss, [x]));
        Assert.Contains("MeanVarianceNormalization", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_loss_of_several_numbers_and_an_old_operator_set_are_refused()
    {
        var draft = new GraphDraft("net", GradientBuilder.Opset);
        Tensor x = draft.Input(new Tensor("x", ElementType.Float32, new Shape(2)));
        Assert.Throws<DifferentiationException>(() => GradientBuilder.Add(draft, draft.Neg(x), [x]));
        var old = new GraphDraft("old", 6);
        old.Input(x);
        old.Add(new Operator("y", "Relu", ["x"], ["y"]));
        Assert.Throws<DifferentiationException>(() => GradientBuilder.Draft(old.ToGraph(["y"])));
    }
}
