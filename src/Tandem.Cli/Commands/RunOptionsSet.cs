using System.CommandLine;

namespace Tandem.Cli.Commands;

/// <summary>The options of 'tandem run'.</summary>
internal sealed class RunOptionsSet
{
    public ModelOptions Model { get; } = new(isRequired: false);

    public DeviceArguments Device { get; } = new();

    public DeploymentArguments Deployment { get; } = new();

    public ImageArguments Image { get; } = new();

    public Option<string> Policy { get; } = PolicyOptions.One();

    public Option<string> Plan { get; } = new("--plan") { Description = "Use a plan that 'tandem plan --out' wrote." };

    public Option<int> Runs { get; } = new("--runs") { Description = "Counted rounds.", DefaultValueFactory = _ => 15 };

    public Option<int> WarmUps { get; } = new("--warm-ups") { Description = "Rounds that are not counted.", DefaultValueFactory = _ => 3 };

    public Option<string> Html { get; } = new("--html")
    {
        Description = "Write a self-contained page: the network, where each kernel runs, and the timeline, predicted against measured.",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON." };

    public void AddTo(Command command)
    {
        Model.AddTo(command);
        Image.AddTo(command);
        command.Add(Policy);
        command.Add(Plan);
        command.Add(Runs);
        command.Add(WarmUps);
        command.Add(Html);
        command.Add(Json);
        Device.AddTo(command);
        Deployment.AddTo(command);
    }
}
