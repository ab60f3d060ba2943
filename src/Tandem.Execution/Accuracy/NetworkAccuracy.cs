using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Planning;
using Tandem.Profiling;

namespace Tandem.Execution.Accuracy;

/// <summary>What a deployment with a budget of error knows of its network's accuracy. Used by one thread at a time.</summary>
internal sealed class NetworkAccuracy
{
    private readonly Network _network;
    private readonly DeploymentOptions _options;
    private readonly CalibrationInputs _inputs;
    private readonly KernelErrorFile? _file;
    private IReadOnlyList<double?>? _kernelErrors;

    private NetworkAccuracy(Network network, DeploymentOptions options, CalibrationInputs inputs, string? directory)
    {
        (_network, _options, _inputs) = (network, options, inputs);
        if (directory is not null)
        {
            string digest = WeightsDigest.Of(network.Graph, options.Calibration);
            Key = FormattableString.Invariant($"{options.AccuracyBudget:R}\n{digest}");
            _file = new KernelErrorFile(directory, GraphSignature.Of(network.Graph), digest, network.Kernels.Count);
        }
    }

    /// <summary>Differs for networks and budgets whose plans must not be taken for each other; empty where nothing is kept.</summary>
    public string Key { get; } = "";

    /// <summary>Looks at a network; null where the user allows no error.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">The budget, and the inputs for calibration.</param>
    /// <param name="inputs">The same inputs, or seeded ones, divided by what they serve.</param>
    /// <param name="directory">The folder in which plans are kept; null keeps nothing.</param>
    /// <exception cref="PlanException">The budget is no number from 0 to 1.</exception>
    public static NetworkAccuracy? Of(Network network, DeploymentOptions options, CalibrationInputs inputs, string? directory) =>
        options.AccuracyBudget switch
        {
            0 => null,
            > 0 and <= 1 => new NetworkAccuracy(network, options, inputs, directory),
            _ => throw new PlanException(FormattableString.Invariant(
                $"accuracy budget {options.AccuracyBudget}: give the largest relative error, from 0 to 1")),
        };

    /// <summary>
    /// What makes plans within the budget; null, with a warning, where the network cannot be quantised. Measures the kernels' errors where
    /// that was not done before.
    /// </summary>
    /// <param name="compiled">What is compiled of the network, and its quantiser.</param>
    /// <param name="reference">The plan in float32 that others are compared with.</param>
    /// <param name="start">Makes a plan ready to run.</param>
    /// <param name="measureLatencies">Measures what planning must know of the latency of 8-bit slices.</param>
    /// <param name="cancellation">Stops between two measurements.</param>
    public BudgetedPlans? FindPlans(
        CompiledSlices compiled, Plan reference, Func<Plan, PlanExecutor> start, Action measureLatencies, CancellationToken cancellation)
    {
        try
        {
            measureLatencies();
            _kernelErrors ??= (_options.Profiling.Again ? null : _file?.Find()) ?? Measure(compiled.Quantizer, cancellation);
        }
        catch (Exception e) when (e is PlanException or QuantizationException)
        {
            _options.Warn?.Invoke($"everything stays in float32: {e.Message}");
            return null;
        }
        return new BudgetedPlans(_network.Graph, _options.AccuracyBudget, _kernelErrors, _inputs.Proof, reference, start, compiled.Trim);
    }

    private double?[] Measure(NetworkQuantizer quantizer, CancellationToken cancellation)
    {
        var gate = new Lock();
        double?[] errors = KernelErrors.Measure(_network, quantizer, _inputs.Errors, (done, total) =>
        {
            lock (gate)
            {
                _options.Progress?.Report(new ProfilingProgress(done, total, "accuracy of 8-bit kernels"));
            }
        }, cancellation);
        _file?.Keep(errors);
        return errors;
    }
}
