using System.CommandLine;

namespace Tandem.Cli.Commands.Progressive;

/// <summary>'tandem progressive': networks with early exits, from training to numbers that a scheduler can use.</summary>
internal static class ProgressiveCommand
{
    public static Command Create()
    {
        var command = new Command("progressive", "Make networks that can answer early: train them and their exits.");
        command.Add(CalibrateCommand.Create());
        command.Add(InspectCommand.Create());
        return command;
    }
}
