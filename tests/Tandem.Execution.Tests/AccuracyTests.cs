using Tandem.Execution.Accuracy;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

/// <summary>Plans within a budget of error, on real processors; predicted latencies make 8 bits attractive everywhere.</summary>
public sealed class AccuracyTests : IDisposable
{
    private const int UnseenSeed = 5000;

    private readonly LocalDevice _device = TestDevice.Open();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-accuracy-");

    private static Network Network => TestDevice.Network;

    public void Dispose()
    {
        _device.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Kernel_s_error_is_that_of_the_network_with_it_alone_in_8_bits()
    {
        using var deployment = new Deployment(TestDevice.Model, Network, _device, TestDevice.Quick);
        var inputs = new CalibrationInputs(Network.Graph, []);
        double?[] errors = KernelErrors.Measure(Network, new NetworkQuantizer(Network), inputs.Errors, null, TestContext.Current.CancellationToken);
        Assert.Equal(Network.Kernels.Count, errors.Length);
        Assert.Contains(errors, error => error > 0);
        BudgetedPlans plans = Plans(deployment, 1, errors, inputs.Errors);
        foreach (int k in new[] { 0, errors.Length / 2, errors.Length - 1 }.Where(k => errors[k] is not null))
        {
            Plan alone = new PlanAssembler(Network, GraphSignature.Of(Network.Graph), 0).Assemble("alone",
            [
                .. Network.Kernels.Select(kernel => new StepDraft("cpu", SliceSpec.Of(new(kernel.Index, kernel.Index + 1)) with
                {
                    Precision = kernel.Index == k ? NumericPrecision.Int8 : NumericPrecision.Float32,
                }, 1)),
            ]);
            // Float32 kernels one by one and fused differ in the last bits.
            Assert.Equal(errors[k]!.Value, plans.MeasureError(alone), 1e-4 + 1e-2 * errors[k]!.Value);
        }
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.03)]
    [InlineData(0.1)]
    public void Plan_within_a_budget_keeps_to_it_on_unseen_inputs(double allowed)
    {
        using var deployment = new Deployment(TestDevice.Model, Network, _device, TestDevice.Quick);
        var inputs = new CalibrationInputs(Network.Graph, []);
        double?[] errors = KernelErrors.Measure(Network, new NetworkQuantizer(Network), inputs.Errors, null, TestContext.Current.CancellationToken);
        IPolicy policy = PolicyRegistry.Find(PolicyNames.Segments);
        Plan plan = Plans(deployment, allowed, errors, inputs.Proof).Tune(policy, AttractiveInt8(), policy.MakePlan);
        Assert.InRange(plan.MeasuredError!.Value, 0, allowed);
        Assert.True(plan.IsQuantized || allowed < 0.05);
        for (int seed = UnseenSeed; seed < UnseenSeed + 4; seed++)
        {
            float[] input = TestDevice.Input(seed);
            var outputs = deployment.Run(plan, e => input.CopyTo(e.Memory("image").AsSpan<float>()));
            double error = OutputComparison.MaxRelativeError(
                System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Assert.Single(outputs).Value.Span), TestDevice.Reference(input));
            Assert.InRange(error, 0, allowed);
        }
    }

    [Fact]
    public void Wrong_belief_in_small_errors_is_corrected_by_measuring()
    {
        using var deployment = new Deployment(TestDevice.Model, Network, _device, TestDevice.Quick);
        double?[] harmless = [.. Network.Kernels.Select(_ => (double?)1e-5)];
        IPolicy policy = PolicyRegistry.Find(PolicyNames.Segments);
        var inputs = new CalibrationInputs(Network.Graph, []);
        Plan plan = Plans(deployment, 1e-3, harmless, inputs.Proof).Tune(policy, AttractiveInt8(), policy.MakePlan);
        Assert.InRange(plan.MeasuredError!.Value, 0, 1e-3);
    }

    [Theory]
    [InlineData(PolicyNames.Segments)]
    [InlineData(PolicyNames.Tandem)]
    public void Deployment_plans_within_its_budget_and_keeps_the_error(string policy)
    {
        DeploymentOptions options = Kept(0.1);
        Plan plan;
        using (var deployment = new Deployment(TestDevice.Model, Network, _device, options))
        {
            plan = deployment.PlanBy(policy, TestContext.Current.CancellationToken);
            Plan segments = deployment.PlanBy(PolicyNames.Segments, TestContext.Current.CancellationToken);
            Assert.InRange(segments.MeasuredError!.Value, 0, 0.1);
            Assert.True(!plan.IsQuantized || plan.MeasuredError is <= 0.1);
        }
        string file = Assert.Single(Directory.GetFiles(_folder.FullName, "*-segments.json", SearchOption.AllDirectories));
        Assert.Contains("measuredError", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.FullName, "*-errors.json", SearchOption.AllDirectories));
        using var exact = new Deployment(TestDevice.Model, Network, _device, options with { AccuracyBudget = 0 });
        Plan inFloat = exact.PlanBy(policy, TestContext.Current.CancellationToken);
        Assert.False(inFloat.IsQuantized);
        Assert.Null(inFloat.MeasuredError);
    }

    [Fact]
    public void Errors_are_kept_for_the_same_weights_only()
    {
        Graph other = Graphs.Networks.RandomWeights.Replace(Network.Graph, 77);
        Assert.Equal(GraphSignature.Of(Network.Graph), GraphSignature.Of(other));
        string digest = WeightsDigest.Of(Network.Graph, []);
        Assert.Equal(digest, WeightsDigest.Of(Network.Graph, []));
        Assert.NotEqual(digest, WeightsDigest.Of(other, []));
        Assert.NotEqual(digest, WeightsDigest.Of(Network.Graph, [[new byte[] { 1 }]]));

        KernelErrorFile file = new(_folder.FullName, "network", digest, 4);
        Assert.Null(file.Find());
        double?[] errors = [0.25, null, double.PositiveInfinity, 0];
        file.Keep(errors);
        Assert.Equal(errors, file.Find());
        Assert.Null(new KernelErrorFile(_folder.FullName, "network", WeightsDigest.Of(other, []), 4).Find());
        Assert.Null(new KernelErrorFile(_folder.FullName, "network", digest, 5).Find());
        string path = Assert.Single(Directory.GetFiles(_folder.FullName));
        foreach (string damaged in new[] { "", "[0.25,", "[1,2,3,-4]", "[1,2,3,\"NaN\"]", "{}" })
        {
            File.WriteAllText(path, damaged);
            Assert.Null(file.Find());
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void Budget_that_is_none_is_refused(double budget)
    {
        var e = Assert.Throws<PlanException>(() => new Deployment(
            TestDevice.Model, Network, _device, TestDevice.Quick with { AccuracyBudget = budget }));
        Assert.Contains("from 0 to 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Calibration_is_divided_and_must_fit()
    {
        int bytes = (int)Network.Graph.Inputs[0].SizeInBytes;
        ReadOnlyMemory<byte>[][] runs = [.. Enumerable.Range(0, 4).Select(_ => new ReadOnlyMemory<byte>[] { new byte[bytes] })];
        var inputs = new CalibrationInputs(Network.Graph, runs);
        Assert.Equal([runs[0], runs[2]], inputs.Ranges);
        Assert.Equal([runs[1], runs[3]], inputs.Proof);
        Assert.Throws<InputException>(() => new CalibrationInputs(Network.Graph, [[new byte[bytes - 1]]]));
        Assert.Throws<InputException>(() => new CalibrationInputs(Network.Graph, [[]]));
    }

    private DeploymentOptions Kept(double budget) => TestDevice.Quick with
    {
        ProfilePath = Path.Combine(_folder.FullName, "profile.db"),
        AccuracyBudget = budget,
    };

    private static BudgetedPlans Plans(
        Deployment deployment, double allowed, double?[] errors, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> runs) =>
        new(Network.Graph, allowed, errors, runs, deployment.PlainPlan("cpu"), deployment.Start, deployment.TrimCompiled);

    /// <summary>The network on this device where everything in 8 bits takes a tenth of the time.</summary>
    private PlanningProblem AttractiveInt8()
    {
        string[] keys = ["cpu", "gpu"];
        string[] stored = [.. keys.Select(name => _device.ByName[name].Info.Key)];
        Profile profile = KnownLatencies.Of(Network, 3, stored);
        var slices = new SliceKeys(Network);
        foreach (SliceSpec slice in Network.Kernels.Select(k => SliceSpec.Of(new(k.Index, k.Index + 1)))
            .Append(SliceSpec.Of(new KernelRange(0, Network.Kernels.Count))))
        {
            profile.Add(KnownLatencies.Sample(stored[0], slices.Of(slice with { Precision = NumericPrecision.Int8 }), "int8",
                profile.Find(stored[0], slices.Of(slice))!.MedianMilliseconds / 10));
        }
        return new PlanningProblem(
            Network,
            [new PlanProcessor("cpu", stored[0]) { HasIntegerKernels = true }, new PlanProcessor("gpu", stored[1])],
            null, new SlicePredictor(Network, profile), 0.01);
    }
}
