using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;

namespace Tandem.Progressive.Exits;

/// <summary>
/// The loss of a progressive network: the sum of all exits' softmax cross-entropies, each times a weight that changes while training goes
/// on. SPINN takes it from shallow-deep networks (Kaya et al., 2019): early exits begin with next to no weight, so that they do
/// not spoil what later ones need, and end with the share of the computing that they take.
/// </summary>
public sealed class JointObjective : ITrainingObjective
{
    /// <summary>The name of the input that the exits' weights are read from: Float32, one for each exit of the loss.</summary>
    public const string Weights = "exit weights";

    private readonly string[] _outputs;
    private readonly float[] _first;
    private readonly float[] _last;

    private JointObjective(string[] outputs, float[] first, float[] last) => (_outputs, _first, _last) = (outputs, first, last);

    /// <summary>The weight of early exits when training begins.</summary>
    public const float FirstWeight = 0.01f;

    /// <summary>
    /// For training a network together with its exits: weights rise linearly from <see cref="FirstWeight"/> to Macs / Macs of the whole
    /// network; that of the last exit is 1 all the time.
    /// </summary>
    /// <param name="network">A progressive network.</param>
    /// <exception cref="ExitException">The network has no exits.</exception>
    public static JointObjective Rising(Graph network)
    {
        IReadOnlyList<Exit> exits = ExitCuts.Exits(network);
        float[] shares = [.. exits.Select(exit => (float)((double)exit.Macs / exits[^1].Macs))];
        float[] first = [.. shares.SkipLast(1).Select(share => Math.Min(FirstWeight, share)), 1];
        return new JointObjective(Outputs(exits), first, [.. shares.SkipLast(1), 1]);
    }

    /// <summary>
    /// For training heads on a network that stays as it is: heads do not influence each other, so they count equally, and the
    /// last exit, of which nothing is trained, is left out.
    /// </summary>
    /// <param name="network">A progressive network.</param>
    /// <exception cref="ExitException">The network has no exits, or no early ones.</exception>
    public static JointObjective Equal(Graph network)
    {
        string[] early = Outputs([.. ExitCuts.Exits(network).SkipLast(1)]);
        if (early.Length == 0)
        {
            throw new ExitException($"network '{network.Name}' has no early exits whose heads could be trained");
        }
        float[] ones = [.. Enumerable.Repeat(1f, early.Length)];
        return new JointObjective(early, ones, ones);
    }

    /// <summary>The outputs whose losses are added up, in the order of their weights.</summary>
    public IReadOnlyList<string> Exits => _outputs;

    /// <summary>The weights at a time of the training.</summary>
    /// <param name="progress">The share of the training's steps that is done, 0 to 1.</param>
    /// <param name="weights">Gets one for each of <see cref="Exits"/>. Nothing is allocated.</param>
    public void WeightsAt(double progress, Span<float> weights)
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            weights[i] = (float)(_first[i] + (progress * ((double)_last[i] - _first[i])));
        }
    }

    /// <inheritdoc/>
    public Tensor AddLoss(GraphDraft draft)
    {
        Tensor[] logits = [.. _outputs.Select(output => Logits.Of(draft, output))];
        Tensor labels = draft.Input(new Tensor(ITrainingObjective.Labels, ElementType.Int64, new Shape(logits[0].Shape[0])));
        Tensor weights = draft.Input(new Tensor(Weights, ElementType.Float32, new Shape(logits.Length)));
        Tensor[] losses = [.. logits.Select(scores => draft.Reshape(Losses.SoftmaxCrossEntropy(draft, scores, labels), new Shape(1)))];
        Tensor all = losses.Length == 1 ? losses[0] : draft.Add("Concat", losses, ("axis", new AttributeValue.Int(0)));
        return draft.SumAll(draft.Mul(all, weights));
    }

    /// <inheritdoc/>
    public void BeginStep(TrainingSession session, double progress) => WeightsAt(progress, session.Input<float>(Weights));

    private static string[] Outputs(IReadOnlyList<Exit> exits) => [.. exits.Select(exit => exit.Output)];
}
