using System.CommandLine;
using Tandem.Cli.Output;
using Tandem.Execution;
using Tandem.Profiling.Sampling;

namespace Tandem.Cli.Commands;

/// <summary>The options of 'tandem profile' by which kernels of random sizes are measured in place of a network's.</summary>
internal sealed class SamplingArguments
{
    private const int MostConfigurations = 100_000;

    private readonly Option<int?> _configurations = new("--configurations")
    {
        Description = "Measure so many kernels of random sizes, of kinds that vision networks have, in place of a network's. What is known "
            + "is not measured again, so an interrupted command goes on where it stopped. "
            + "Close everything else: each kernel is measured several times over the whole --time-limit.",
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Which random kernels, with --configurations: equal seeds give equal ones.",
        DefaultValueFactory = _ => 1,
    };

    public void AddTo(Command command)
    {
        command.Add(_configurations);
        command.Add(_seed);
    }

    /// <summary>Whether random kernels are asked for, not a network.</summary>
    /// <exception cref="TandemException">Both are, or neither, or no kernels.</exception>
    public bool IsAsked(ParseResult parsed, string? model)
    {
        int? count = parsed.GetValue(_configurations);
        return (count, model) switch
        {
            (null, null) => throw new TandemException("nothing to measure: give an ONNX file, a built-in network, or --configurations N"),
            (not null, not null) => throw new TandemException($"--configurations {count} measures random kernels, not '{model}': give one of both"),
            ( < 1 or > MostConfigurations, _) => throw new TandemException($"--configurations {count}: give 1 to {MostConfigurations}"),
            _ => count is not null,
        };
    }

    /// <summary>Draws and measures.</summary>
    public int Run(ParseResult parsed, NetworkOptions network)
    {
        bool json = parsed.GetValue(network.Json);
        DeploymentOptions options = network.Deployment.Read(parsed, DeploymentArguments.ProgressFor(json));
        int seed = parsed.GetValue(_seed);
        List<DrawnKernel> kernels = [.. DrawnKernel.Draw(seed).Take(parsed.GetValue(_configurations)!.Value)];
        using LocalDevice local = network.Device.Open(parsed);
        var sampling = new DeviceSampling(local, options.ProfilePath, options.Warn);
        IReadOnlyList<SamplingResult> results = sampling.Measure(
            kernels,
            new SamplingOptions { TimeLimit = options.Profiling.TimeLimit, Again = options.Profiling.Again },
            options.Progress,
            Interruption.Token);
        if (json)
        {
            Json.Print(SamplingOutput.ToJson(seed, kernels, local, sampling.Profile, results));
        }
        else
        {
            SamplingOutput.Print(kernels, local, sampling.Profile, results);
        }
        return ExitCodes.Success;
    }
}
