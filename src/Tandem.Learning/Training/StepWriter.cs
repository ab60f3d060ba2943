using Tandem.Graphs;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>Writes the graph of one training step.</summary>
internal sealed class StepWriter(
    Graph forward, string[] weights, NormalizationStatistics[] statistics, TrainingOptions options)
{
    /// <summary>Writes the graph.</summary>
    /// <param name="states">Names of the constants that become inputs.</param>
    /// <param name="loss">Adds the loss.</param>
    /// <param name="optimizer">The optimiser.</param>
    public (Graph Step, string Loss, IReadOnlyList<TrainingState> States) Write(
        string[] states, Func<GraphDraft, Tensor> loss, IOptimizer optimizer)
    {
        GraphDraft draft = GradientBuilder.Draft(InTraining(), states);
        Tensor rate = draft.Input(new Tensor(TrainingGraph.LearningRate, ElementType.Float32, Shape.Scalar));
        Tensor number = draft.Input(new Tensor(TrainingGraph.StepNumber, ElementType.Float64, Shape.Scalar));
        Tensor value = draft.Reshape(loss(draft), Shape.Scalar);
        IReadOnlyList<Tensor> gradients = GradientBuilder.Add(draft, value, [.. weights.Select(name => draft[name])]);
        List<TrainingState> updated = [];
        List<TrainingState> kept = [];
        IReadOnlyList<Tensor> shared = optimizer.Prepare(draft, rate, number);
        for (int i = 0; i < weights.Length; i++)
        {
            Tensor weight = draft[weights[i]];
            Tensor[] before = [.. optimizer.StateNames.Select(name => draft.Input(weight with { Name = $"{weight.Name}~{name}" }))];
            (Tensor after, IReadOnlyList<Tensor> state) = optimizer.Update(
                draft, shared, weight, gradients[i], before, options.Decays(weight));
            updated.Add(new TrainingState(weight, after.Name, forward.Constants[weight.Name]));
            kept.AddRange(before.Zip(state, (b, a) => new TrainingState(b, a.Name, null)));
        }
        updated.AddRange(statistics.SelectMany(s => Running(draft, s)));
        updated.AddRange(kept);
        string[] outputs = [.. forward.Outputs.Select(o => o.Name), value.Name, .. updated.Select(s => s.Updated)];
        return (draft.ToGraph(outputs), value.Name, updated);
    }

    // The trained normalisations use the batch's statistics and, with momentum 0, return them as they are.
    private Graph InTraining()
    {
        Dictionary<Operator, Operator[]> replaced = statistics.ToDictionary(s => s.Operator, Training);
        return new Graph(
            forward.Name, new Dictionary<string, int>(forward.Opsets) { [""] = Math.Max(forward.Opset, GradientBuilder.Opset) },
            forward.Inputs, [.. forward.Outputs.Select(o => o.Name)],
            [.. forward.Operators.SelectMany(op => replaced.GetValueOrDefault(op, [op]))], forward.Constants.Values);
    }

    // ONNX Runtime writes the new statistics over the operator's old ones. So that state is not changed, it gets something else to
    // write over; with momentum 0 the numbers do not matter.
    private static Operator[] Training(NormalizationStatistics normalization)
    {
        Operator op = normalization.Operator;
        string output = op.Outputs[0];
        return
        [
            new Operator($"{output}~space mean", "Neg", [normalization.Mean], [$"{output}~space mean"]),
            new Operator($"{output}~space variance", "Neg", [normalization.Variance], [$"{output}~space variance"]),
            op.With(
                inputs: [.. op.Inputs.Take(3), $"{output}~space mean", $"{output}~space variance"],
                outputs: [output, $"{output}~mean", $"{output}~variance"],
                attributes: new Dictionary<string, AttributeValue>(op.Attributes)
                {
                    ["training_mode"] = new AttributeValue.Int(1),
                    ["momentum"] = new AttributeValue.Float(0),
                }),
        ];
    }

    private IEnumerable<TrainingState> Running(GraphDraft draft, NormalizationStatistics normalization)
    {
        string output = normalization.Operator.Outputs[0];
        yield return Running(draft, normalization.Mean, draft[$"{output}~mean"]);
        yield return Running(draft, normalization.Variance, draft[$"{output}~variance"]);
    }

    private TrainingState Running(GraphDraft draft, string name, Tensor ofBatch)
    {
        double stays = options.StatisticsMomentum;
        Tensor after = draft.Add(draft.Scale(draft[name], stays), draft.Scale(ofBatch, 1 - stays));
        return new TrainingState(draft[name], after.Name, forward.Constants[name]);
    }
}
