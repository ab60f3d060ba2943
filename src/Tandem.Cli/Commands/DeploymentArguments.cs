using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Prediction.Store;
using Tandem.Profiling;

namespace Tandem.Cli.Commands;

/// <summary>The options of profiling and planning.</summary>
internal sealed class DeploymentArguments
{
    // A day: whoever waits longer has mistaken the unit.
    private const double MostSeconds = 86_400;

    private readonly Option<string> _profile = new("--profile")
    {
        Description = $"The file in which measurements are kept. Default: {ProfilePath.Default} (or $TANDEM_PROFILE).",
    };

    private readonly Option<double> _timeLimit = new("--time-limit")
    {
        Description = "Most seconds to spend on tuning kernels, again on measuring them, and again on trying plans.",
        DefaultValueFactory = _ => 120,
    };

    private readonly Option<bool> _again = new("--again")
    {
        Description = "Measure again what is known already.",
    };

    private readonly Option<bool> _estimate = new("--estimate")
    {
        Description = "Estimate kernels that were not measured from those of other networks, instead of measuring them.",
    };

    private readonly Option<int> _rounds = new("--rounds")
    {
        Description = "How often a plan is run and improved before it is used; 0 takes the first plan.",
        DefaultValueFactory = _ => new PlanTuning().Rounds,
    };

    private readonly Option<double> _accuracyBudget = new("--accuracy-budget")
    {
        Description = "The largest relative error of outputs against float32, from 0 to 1: policies 'tandem' and 'segments' run in 8 bits what "
            + "is faster and keeps to it, as measured. 0 keeps everything in float32.",
        DefaultValueFactory = _ => 0,
    };

    private readonly ObjectiveArguments _objective;

    /// <summary>Makes the options.</summary>
    /// <param name="plansStreams">Whether the command can plan for inferences per second too.</param>
    public DeploymentArguments(bool plansStreams = false) => _objective = new ObjectiveArguments(plansStreams);

    /// <summary>Whether the most inferences per second are asked for.</summary>
    public bool IsThroughput(ParseResult parsed) => _objective.IsThroughput(parsed);

    public void AddTo(Command command)
    {
        command.Add(_profile);
        command.Add(_timeLimit);
        command.Add(_again);
        command.Add(_estimate);
        command.Add(_rounds);
        _objective.AddTo(command);
    }

    /// <summary>Adds what lets plans differ from float32, to a command that shows by how much.</summary>
    public void AddAccuracyTo(Command command) => command.Add(_accuracyBudget);

    public DeploymentOptions Read(ParseResult parsed, IProgress<ProfilingProgress>? progress)
    {
        double seconds = parsed.GetValue(_timeLimit);
        if (!(seconds > 0 && seconds <= MostSeconds))
        {
            throw new TandemException(FormattableString.Invariant($"--time-limit {seconds}: give seconds above 0, {MostSeconds} at most"));
        }
        var limit = TimeSpan.FromSeconds(seconds);
        return new DeploymentOptions
        {
            ProfilePath = parsed.GetValue(_profile) ?? ProfilePath.Default,
            Profiling = new ProfilingOptions { TimeLimit = limit, TuningTimeLimit = limit, Again = parsed.GetValue(_again) },
            EstimatesKernels = parsed.GetValue(_estimate),
            Tuning = new PlanTuning { TimeLimit = limit, Rounds = Rounds(parsed) },
            Objective = _objective.Objective(parsed),
            AccuracyBudget = AccuracyBudget(parsed),
            Powers = _objective.Powers(parsed),
            Progress = progress,
            Warn = line => Console.Error.WriteLine($"tandem: {line}"),
        };
    }

    public static IProgress<ProfilingProgress>? ProgressFor(bool json) =>
        json || Console.IsErrorRedirected ? null : new ProgressLine(Console.Error);

    /// <summary>The largest relative error that plans may have.</summary>
    /// <exception cref="TandemException">It is no number from 0 to 1.</exception>
    public double AccuracyBudget(ParseResult parsed)
    {
        double budget = parsed.GetValue(_accuracyBudget);
        return budget is >= 0 and <= 1
            ? budget
            : throw new TandemException(FormattableString.Invariant($"--accuracy-budget {budget}: give the largest relative error, from 0 to 1"));
    }

    private int Rounds(ParseResult parsed)
    {
        int rounds = parsed.GetValue(_rounds);
        return rounds >= 0 ? rounds : throw new TandemException($"--rounds {rounds}: give 0 or more");
    }
}
