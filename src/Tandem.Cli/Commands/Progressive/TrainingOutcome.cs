using Tandem.Cli.Data;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Learning.Training;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>What 'tandem progressive train' tells when it is done.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Data">The images.</param>
/// <param name="Network">The trained network as it was written.</param>
/// <param name="Epochs">Passes through the data.</param>
/// <param name="Result">What training has come to.</param>
internal sealed record TrainingOutcome(TrainingRequest Request, LabelledData Data, Graph Network, int Epochs, TrainingResult Result)
{
    /// <summary>The exits with what they reach.</summary>
    public IReadOnlyList<(Exit Exit, OutputScore Score)> Exits { get; } =
        [.. ProgressiveDescription.Of(Network)!.Exits.Zip(Result.Scores)];
}
