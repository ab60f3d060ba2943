using Tandem.Graphs;
using Tandem.Graphs.Kernels;
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

    /// <summary>Looks at a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="options">The budget, above 0, and the inputs for calibration.</param>
    /// <param name="inputs">The same inputs, or seeded ones, divided by what they serve.</param>
    /// <param name="directory">The folder in which plans are kept; null keeps nothing.</param>
    public NetworkAccuracy(Network network, DeploymentOptions options, CalibrationInputs inputs, string? directory)
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

    /// <summary>What makes plans within the budget. Measures the kernels' errors where that was not done before.</summary>
    /// <param name="quantizer">Makes the 8-bit form of slices.</param>
    /// <param name="reference">The plan in float32 that others are compared with.</param>
    /// <param name="start">Makes a plan ready to run.</param>
    /// <param name="trim">Frees what was compiled for plans that are not used.</param>
    /// <param name="cancellation">Stops between two measurements.</param>
    /// <exception cref="Graphs.Quantization.QuantizationException">The network cannot be quantised.</exception>
    public BudgetedPlans Plans(
        NetworkQuantizer quantizer, Plan reference, Func<Plan, PlanExecutor> start, Action trim, CancellationToken cancellation)
    {
        _kernelErrors ??= (_options.Profiling.Again ? null : _file?.Find()) ?? Measure(quantizer, cancellation);
        return new BudgetedPlans(_network.Graph, _options.AccuracyBudget, _kernelErrors, _inputs.Proof, reference, start, trim);
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
