using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Learning.Differentiation;

namespace Tandem.Learning.Training;

/// <summary>
/// A network made ready for training: one graph that does a whole step (forward, loss, gradients, optimiser), with weights and all
/// other state as inputs and what they become as outputs, and one that only evaluates with the same weights.
/// </summary>
public sealed class TrainingGraph
{
    /// <summary>The input of the step graph that takes the learning rate: a scalar, single precision.</summary>
    public const string LearningRate = "learning rate";

    /// <summary>The input of the step graph that takes the step's number, 1 for the first: a scalar, double precision.</summary>
    public const string StepNumber = "step number";

    private TrainingGraph(
        Graph forward, Graph step, Graph evaluation, string loss, string evaluationLoss, IReadOnlyList<TrainingState> states)
    {
        Forward = forward;
        Step = step;
        Evaluation = evaluation;
        Loss = loss;
        EvaluationLoss = evaluationLoss;
        States = states;
    }

    /// <summary>The network that is trained, as for inference.</summary>
    public Graph Forward { get; }

    /// <summary>A training step. Outputs: the network's, the loss, the updated state.</summary>
    public Graph Step { get; }

    /// <summary>The network and its loss as at inference, weights and statistics as inputs.</summary>
    public Graph Evaluation { get; }

    /// <summary>The loss in <see cref="Step"/>, a scalar.</summary>
    public string Loss { get; }

    /// <summary>The loss in <see cref="Evaluation"/>, a scalar.</summary>
    public string EvaluationLoss { get; }

    /// <summary>Weights first, then running statistics, then what the optimiser keeps.</summary>
    public IReadOnlyList<TrainingState> States { get; }

    /// <summary>What the caller feeds in each step: the network's inputs, and what the loss reads beside them.</summary>
    public IEnumerable<Tensor> Fed
    {
        get
        {
            HashSet<string> own = [LearningRate, StepNumber, .. States.Select(s => s.Tensor.Name)];
            return Step.Inputs.Where(input => !own.Contains(input.Name));
        }
    }

    /// <summary>Makes the graphs.</summary>
    /// <param name="network">The network, operator set 7 or newer, batch normalisations not folded, its batch that of training.</param>
    /// <param name="loss">
    /// Adds the loss to a draft in which the network is: declares labels or other targets as inputs and returns a scalar.
    /// Called twice, for training and for evaluation.
    /// </param>
    /// <param name="optimizer">The optimiser.</param>
    /// <param name="options">What is trained; null for all weights.</param>
    /// <exception cref="TrainingException">Nothing is trained.</exception>
    /// <exception cref="DifferentiationException">An operator between a weight and the loss has no gradient.</exception>
    public static TrainingGraph Build(
        Graph network, Func<GraphDraft, Tensor> loss, IOptimizer optimizer, TrainingOptions? options = null)
    {
        options ??= new TrainingOptions();
        Graph forward = OperatorSetLift.Apply(ConstantFolding.Fold(network));
        string[] weights = [.. TrainableWeights.Of(forward).Where(name => options.Trains(forward.Constants[name].Tensor))];
        if (weights.Length == 0)
        {
            throw new TrainingException($"network '{network.Name}' has no weights to train, or none was chosen");
        }
        NormalizationStatistics[] statistics = NormalizationStatistics.Of(forward, weights);
        string[] states = [.. weights, .. statistics.SelectMany(s => s.Names).Distinct()];
        (Graph step, string stepLoss, IReadOnlyList<TrainingState> updated) =
            new StepWriter(forward, weights, statistics, options).Write(states, loss, optimizer);
        GraphDraft evaluation = GradientBuilder.Draft(forward, states);
        string evaluationLoss = loss(evaluation).Name;
        return new TrainingGraph(
            forward, step, evaluation.ToGraph([.. forward.Outputs.Select(o => o.Name), evaluationLoss]), stepLoss, evaluationLoss, updated);
    }
}
