using System.CommandLine;
using Tandem;
using Tandem.Cli;
using Tandem.Cli.Commands;
using Tandem.Cli.Commands.Progressive;
using Tandem.Cli.Output;

var root = new RootCommand("Runs one neural network on every processor of this device at the same time.")
{
    DevicesCommand.Create(),
    ProfileCommand.Create(),
    PlanCommand.Create(),
    RunCommand.Create(),
    BenchCommand.Create(),
    MemoryCommand.Create(),
    ProgressiveCommand.Create(),
};

using var interrupt = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    interrupt.Cancel();
};
Interruption.Token = interrupt.Token;

Terminal.Configure();
try
{
    ParseResult parsed = root.Parse(args);
    int exitCode = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    return parsed.Errors.Count > 0 ? ExitCodes.BadInput : exitCode;
}
catch (TandemException e)
{
    Console.Error.WriteLine($"tandem: {e.Message}");
    return ExitCodes.BadInput;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"tandem: {e.Message}");
    return ExitCodes.BadInput;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("tandem: interrupted");
    return ExitCodes.Interrupted;
}
