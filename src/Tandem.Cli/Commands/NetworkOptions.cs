using System.CommandLine;
using Tandem.Execution;

namespace Tandem.Cli.Commands;

/// <summary>The options of a command that works on one network on this machine.</summary>
internal sealed class NetworkOptions
{
    public NetworkOptions(bool isModelRequired = true, string json = "Print JSON.", bool plansStreams = false)
    {
        Deployment = new DeploymentArguments(plansStreams);
        Model = new ModelOptions(isModelRequired);
        Json = new Option<bool>("--json") { Description = json };
    }

    public ModelOptions Model { get; }

    public DeviceArguments Device { get; } = new();

    public DeploymentArguments Deployment { get; }

    public Option<bool> Json { get; }

    /// <summary>Adds the options to a command; those of its own come after.</summary>
    public void AddTo(Command command)
    {
        Model.AddTo(command);
        Device.AddTo(command);
        Deployment.AddTo(command);
        command.Add(Json);
    }

    /// <summary>Opens the processors and prepares the network, and gives both to the command, whose exit code it returns.</summary>
    public int Open(ParseResult parsed, Func<LocalDevice, Deployment, int> use)
    {
        using LocalDevice local = Device.Open(parsed);
        using var deployed = new Deployment(
            Model.Load(parsed), local, Deployment.Read(parsed, DeploymentArguments.ProgressFor(parsed.GetValue(Json))));
        return use(local, deployed);
    }
}
