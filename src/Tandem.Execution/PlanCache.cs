using System.Security.Cryptography;
using System.Text;
using Tandem.Execution.Throughput;
using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Planning;
using Tandem.Prediction.Store;

namespace Tandem.Execution;

/// <summary>
/// Plans that were tuned before, and the way that was chosen to run a stream of inferences, as files beside the profile: one for each network
/// structure, set of processors and policy. A file that cannot be read or written is as good as none.
/// </summary>
internal sealed class PlanCache
{
    private const string ThroughputName = "throughput";

    private readonly string _directory;
    private readonly string _key;
    private readonly Network _network;
    private readonly string _signature;
    private readonly bool _isReadable;

    /// <summary>Finds the files of a network's plans.</summary>
    /// <param name="directory">The folder of all plans.</param>
    /// <param name="network">The network.</param>
    /// <param name="device">The processors.</param>
    /// <param name="options">How plans are made.</param>
    /// <param name="accuracy">Differs for networks and budgets of error whose plans must not be taken for each other.</param>
    /// <param name="planner">The version of the planner; null is this program's.</param>
    public PlanCache(
        string directory, Network network, LocalDevice device, DeploymentOptions options, string accuracy = "", string? planner = null)
    {
        _directory = directory;
        _network = network;
        _signature = GraphSignature.Of(network.Graph);
        string processors = string.Join('\n', device.All.Select(p => $"{p.Info.Name} of {p.Info.Worker}: {p.Info.Key}"));
        string powers = string.Join('\n', options.Powers.OrderBy(p => p.Key, StringComparer.Ordinal));
        string all = $"{_signature}\n{DeviceFingerprint.Current().Id}\n{processors}\n{options.Tuning.Rounds}\n{planner ?? PlannerVersion.Current}"
            + $"\n{options.Objective}\n{powers}\n{accuracy}"
            + (options.EstimatesKernels ? "\nestimated" : "")
            + (ProgressiveDescription.Of(network.Graph) is { } progressive ? "\nexits: " + string.Join(' ', progressive.Exits.Select(exit => exit.Output)) : "");
        _key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 8));
        _isReadable = !options.Profiling.Again;
    }

    /// <summary>The plan of a policy, or null.</summary>
    public Plan? Find(string policy) => Read(policy, json =>
    {
        Plan plan = PlanFile.FromJson(json);
        PlanCheck.Require(plan, _network, _signature);
        return plan;
    });

    /// <summary>The way that was chosen to run a stream of inferences, or null.</summary>
    public ThroughputChoice? FindThroughput() => Read(ThroughputName, json =>
    {
        ThroughputChoice choice = ThroughputChoiceFile.FromJson(json);
        foreach (Plan lane in choice.Plan.Lanes)
        {
            PlanCheck.Require(lane, _network, _signature);
        }
        return choice;
    });

    /// <summary>Keeps a plan under its policy.</summary>
    public void Keep(Plan plan) => Write(plan.Policy, PlanFile.ToJson(plan));

    /// <summary>Keeps the way that was chosen to run a stream of inferences.</summary>
    public void Keep(ThroughputChoice choice) => Write(ThroughputName, ThroughputChoiceFile.ToJson(choice));

    /// <summary>Removes the plan of a policy.</summary>
    public void Drop(string policy)
    {
        try
        {
            File.Delete(PathOf(policy));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever may not delete it could not replace it either.
        }
    }

    private T? Read<T>(string name, Func<string, T> parse)
        where T : class
    {
        if (!_isReadable || !File.Exists(PathOf(name)))
        {
            return null;
        }
        try
        {
            return parse(File.ReadAllText(PathOf(name)));
        }
        catch (Exception e) when (e is PlanException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write(string name, string json)
    {
        try
        {
            Directory.CreateDirectory(_directory);
            PlanFile.Write(json, PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Next time it is made again.
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, $"{_key}-{name}.json");
}
