using System.CommandLine;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>'tandem progressive': networks with early exits, from training to numbers that a scheduler can use.</summary>
internal static class ProgressiveCommand
{
    public static Command Create() => new("progressive", "Make networks that can answer early: train them, calibrate their exits, and look at both.")
    {
        TrainCommand.Create(),
        CalibrateCommand.Create(),
        InspectCommand.Create(),
    };
}
