using System.CommandLine;
using System.Globalization;
using Tandem.Execution.Exits;
using Tandem.Graphs;
using Tandem.Graphs.Exits;

namespace Tandem.Cli.Commands;

/// <summary>The options that say when an inference of a progressive network leaves.</summary>
internal sealed class ExitArguments
{
    public Option<double?> Threshold { get; } = new("--threshold")
    {
        Description = "Leave a progressive network at the first exit with at least this confidence, 0 to 1, in place of the thresholds in its file.",
    };

    public Option<bool> NoExits { get; } = new("--no-exits")
    {
        Description = "Run a progressive network to its last exit.",
    };

    public void AddTo(Command command)
    {
        command.Add(Threshold);
        command.Add(NoExits);
    }

    /// <summary>How sure exits must be; null for an ordinary network.</summary>
    /// <exception cref="TandemException">A threshold is no probability, or one is given where there are no exits.</exception>
    public ExitThresholds? Read(ParseResult parsed, Graph model)
    {
        double? threshold = parsed.GetValue(Threshold);
        bool isWithout = parsed.GetValue(NoExits);
        if (threshold is { } value && !(value is >= 0 and <= 1))
        {
            throw new TandemException(string.Create(
                CultureInfo.InvariantCulture, $"--threshold {value} is no confidence: give a number from 0 to 1"));
        }
        if (threshold is not null && isWithout)
        {
            throw new TandemException("--threshold and --no-exits exclude each other: give one of them");
        }
        if (ProgressiveDescription.Of(model) is { } description)
        {
            return isWithout ? ExitThresholds.Never : threshold is { } same ? ExitThresholds.Same(same) : ExitThresholds.Of(description);
        }
        return threshold is null && !isWithout ? null : throw new TandemException(
            $"network '{model.Name}' has no exits, so {(isWithout ? "--no-exits" : "--threshold")} means nothing: leave it out, or make "
            + "a progressive network with 'tandem progressive train'");
    }
}
