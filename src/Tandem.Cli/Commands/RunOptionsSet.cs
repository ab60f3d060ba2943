using System.CommandLine;

namespace Tandem.Cli.Commands;

/// <summary>The options of 'tandem run'.</summary>
internal sealed class RunOptionsSet
{
    public NetworkOptions Network { get; } = new(isModelRequired: false);

    public ImageArguments Image { get; } = new();

    public Option<string> Policy { get; } = PolicyOptions.One();

    public Option<string> Plan { get; } = new("--plan") { Description = "Use a plan that 'tandem plan --out' wrote." };

    public Option<int> Runs { get; } = new("--runs") { Description = "Counted rounds.", DefaultValueFactory = _ => 15 };

    public Option<int> WarmUps { get; } = new("--warm-ups") { Description = "Rounds that are not counted.", DefaultValueFactory = _ => 3 };

    public Option<string> Html { get; } = new("--html")
    {
        Description = "Write a self-contained page: the network, where each kernel runs, and the timeline, predicted against measured.",
    };

    public ExitArguments Exits { get; } = new();

    public void AddTo(Command command)
    {
        Network.Model.AddTo(command);
        Image.AddTo(command);
        command.Add(Policy);
        command.Add(Plan);
        command.Add(Runs);
        command.Add(WarmUps);
        command.Add(Html);
        Exits.AddTo(command);
        command.Add(Network.Json);
        Network.Device.AddTo(command);
        Network.Deployment.AddTo(command);
        Network.Deployment.AddAccuracyTo(command);
    }
}
