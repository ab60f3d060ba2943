using System.CommandLine;
using System.Globalization;
using Tandem.Planning;

namespace Tandem.Cli.Commands;

/// <summary>The options that say what a plan shall be good at.</summary>
internal sealed class ObjectiveArguments
{
    private const string Throughput = "throughput";

    private readonly bool _plansStreams;

    private readonly Option<string> _objective;

    private readonly Option<double?> _energyLimit = new("--energy-limit")
    {
        Description = "The most millijoules that an inference may take.",
    };

    private readonly Option<string[]> _power = new("--power")
    {
        Description = "What a processor draws while it runs and while it waits, in watts, as NAME=ACTIVE:IDLE. May be repeated.",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Makes the options.</summary>
    /// <param name="plansStreams">Whether the command can plan for inferences per second too.</param>
    public ObjectiveArguments(bool plansStreams)
    {
        _plansStreams = plansStreams;
        _objective = new Option<string>("--objective")
        {
            Description = "What plans shall be good at: the least latency or energy (of policies 'tandem', 'segments' and 'row-chains')"
                + (plansStreams ? ", or throughput: the best way to run many inferences, found by running what there is." : "."),
            DefaultValueFactory = _ => "latency",
        };
    }

    /// <summary>Whether the most inferences per second are asked for.</summary>
    public bool IsThroughput(ParseResult parsed) => parsed.GetValue(_objective) == Throughput;

    public void AddTo(Command command)
    {
        command.Add(_objective);
        command.Add(_energyLimit);
        command.Add(_power);
    }

    public PlanObjective Objective(ParseResult parsed)
    {
        double? limit = parsed.GetValue(_energyLimit);
        if (limit is not null and not (> 0 and < double.PositiveInfinity))
        {
            throw new TandemException(FormattableString.Invariant($"--energy-limit {limit}: give millijoules above 0"));
        }
        string objective = parsed.GetValue(_objective)!;
        return new PlanObjective(
            objective switch
            {
                "latency" => PlanGoal.Latency,
                Throughput when _plansStreams && limit is null => PlanGoal.Latency,
                Throughput when _plansStreams => throw new TandemException("--energy-limit: is not kept by --objective throughput"),
                Throughput => throw new TandemException("--objective throughput: is for 'tandem plan'; 'tandem bench --throughput' measures it"),
                "energy" => PlanGoal.Energy,
                _ => throw new TandemException($"--objective {objective}: give latency or energy"),
            },
            limit);
    }

    public IReadOnlyDictionary<string, ProcessorPower> Powers(ParseResult parsed)
    {
        Dictionary<string, ProcessorPower> powers = [];
        foreach (string value in parsed.GetValue(_power)!)
        {
            string[] sides = value.Split('=', 2);
            string[] watts = sides.Length == 2 ? sides[1].Split(':') : [];
            if (watts.Length != 2
                || !TryWatts(watts[0], out double active)
                || !TryWatts(watts[1], out double idle)
                || active < idle)
            {
                throw new TandemException($"--power {value}: give NAME=ACTIVE:IDLE in watts, such as cpu=4.5:0.6");
            }
            powers[sides[0]] = new ProcessorPower(active, idle);
        }
        return powers;
    }

    private static bool TryWatts(string text, out double watts) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out watts);
}
