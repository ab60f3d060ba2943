using System.CommandLine;
using System.Globalization;
using Tandem.Planning;

namespace Tandem.Cli.Commands;

/// <summary>The options that say what a plan shall be good at.</summary>
internal sealed class ObjectiveArguments
{
    private readonly Option<string> _objective = new("--objective")
    {
        Description = "What plans shall make least: latency or energy (of policies 'tandem', 'segments' and 'row-chains').",
        DefaultValueFactory = _ => "latency",
    };

    private readonly Option<double?> _energyLimit = new("--energy-limit")
    {
        Description = "The most millijoules that an inference may take.",
    };

    private readonly Option<string[]> _power = new("--power")
    {
        Description = "What a processor draws while it runs and while it waits, in watts, as NAME=ACTIVE:IDLE. May be repeated.",
        DefaultValueFactory = _ => [],
    };

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
