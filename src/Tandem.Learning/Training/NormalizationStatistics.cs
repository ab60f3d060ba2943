using Tandem.Graphs;

namespace Tandem.Learning.Training;

/// <summary>A batch normalisation that is trained, and its running statistics.</summary>
/// <param name="Operator">The operator in the forward graph.</param>
/// <param name="Mean">The running mean.</param>
/// <param name="Variance">The running variance.</param>
internal sealed record NormalizationStatistics(Operator Operator, string Mean, string Variance)
{
    /// <summary>Mean and variance.</summary>
    public IEnumerable<string> Names => [Mean, Variance];

    /// <summary>The normalisations of a graph of which scale or bias is trained.</summary>
    /// <exception cref="TrainingException">Statistics are not constants, or two normalisations share them.</exception>
    public static NormalizationStatistics[] Of(Graph graph, IReadOnlyCollection<string> trained)
    {
        NormalizationStatistics[] all = [.. graph.Operators
            .Where(op => op.Domain.Length == 0 && op.Type == "BatchNormalization" && op.Inputs.Skip(1).Take(2).Any(trained.Contains))
            .Select(op => new NormalizationStatistics(op, op.Inputs[3], op.Inputs[4]))];
        string? odd = all.SelectMany(s => s.Names).GroupBy(name => name)
            .FirstOrDefault(uses => uses.Count() > 1 || !graph.Constants.ContainsKey(uses.Key))?.Key;
        return odd is null
            ? all
            : throw new TrainingException(
                $"running statistic '{odd}' must be a constant of one batch normalisation to be trained; give each its own");
    }
}
