using System.Runtime.InteropServices;
using Tandem.Execution.Exits;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Onnx;
using Tandem.Planning;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests.Exits;

/// <summary>Whole sessions leave where plain ONNX Runtime's outputs say, whatever the plan.</summary>
public sealed class ProgressiveSessionTests
{
    private const double Tolerance = 1e-3;

    [Theory]
    [InlineData(PolicyNames.Cpu)]
    [InlineData(PolicyNames.Gpu)]
    [InlineData(PolicyNames.OrtAllCores)]
    [InlineData(PolicyNames.Segments)]
    [InlineData(PolicyNames.Codl)]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.Tandem)]
    public void Images_leave_at_the_exit_that_plain_outputs_say(string policy)
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = Open(device, policy);
        RequireRight(session, seed: policy.Length);
        Assert.Equal(3, session.Plan.Exits?.Count);
    }

    [Fact]
    public void Plans_that_divide_every_kernel_leave_at_the_same_exits()
    {
        using LocalDevice device = TestDevice.Open();
        for (int seed = 0; seed < 5; seed++)
        {
            Plan plan = seed == 0 ? TestDevice.Halves(ProgressiveNetwork.Prepared) : RandomPlans.Make(ProgressiveNetwork.Prepared, seed, "cpu", "gpu");
            using CooperativeSession session = Open(device, plan: plan);
            RequireRight(session, seed);
        }
    }

    [Fact]
    public void Images_of_a_batch_leave_one_by_one()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = Open(device, plan: TestDevice.Halves(ProgressiveNetwork.Prepared));
        float[][] images = [.. Enumerable.Range(0, 7).Select(ProgressiveNetwork.Image)];
        double[] sure = [.. images.Select(image => ProgressiveNetwork.Read(0, ProgressiveNetwork.Scores(image)[0]).Probability).Order()];
        ExitThresholds thresholds = ExitThresholds.Each((sure[3] + sure[4]) / 2, 0);
        float[] all = [.. images.SelectMany(image => image)];
        using OrtValue batch = OrtValue.CreateTensorValueFromMemory(all, [images.Length, 3, 24, 24]);
        IReadOnlyList<ExitTaken> taken = session.RunProgressive(
            new Dictionary<string, OrtValue> { ["image"] = batch }, thresholds, TestContext.Current.CancellationToken);
        Assert.Equal((3, 4), (taken.Count(t => t.Exit == 0), taken.Count(t => t.Exit == 1)));
        for (int i = 0; i < images.Length; i++)
        {
            RequireTaken(images[i], thresholds, taken[i]);
        }
    }

    [Fact]
    public void Run_computes_every_output()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = Open(device, plan: TestDevice.Halves(ProgressiveNetwork.Prepared));
        float[] image = ProgressiveNetwork.Image(1);
        using OrtValue value = Value(image);
        var inputs = new Dictionary<string, OrtValue> { ["image"] = value };
        session.RunProgressive(inputs, ExitThresholds.Same(0), TestContext.Current.CancellationToken);
        string[] names = [.. ProgressiveNetwork.Description.Exits.Select(exit => exit.Output)];
        IReadOnlyList<OrtValue> outputs = session.Run(inputs, names, TestContext.Current.CancellationToken);
        foreach ((float[] expected, OrtValue output) in ProgressiveNetwork.Scores(image).Zip(outputs))
        {
            TestDevice.RequireEqual(expected, MemoryMarshal.Cast<byte, float>(output.GetTensorMutableRawData()));
            output.Dispose();
        }
        Assert.All(session.LastTrace.Steps, step => Assert.True(step.HasRun));
    }

    [Fact]
    public void Four_threads_get_their_own_exits()
    {
        using LocalDevice device = TestDevice.Open();
        using CooperativeSession session = Open(device, plan: TestDevice.Halves(ProgressiveNetwork.Prepared));
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread => RequireRight(session, 100 + thread));
    }

    [Fact]
    public void Failure_at_any_run_still_leaves_where_plain_outputs_say()
    {
        int steps = TestDevice.Halves(ProgressiveNetwork.Prepared).Steps.Count(step => step.Processor == "gpu");
        for (int failing = 1; failing <= steps + 2; failing += 2)
        {
            var gpu = new FailingProcessor(TestDevice.Processor("gpu"));
            using var device = new LocalDevice([TestDevice.Processor("cpu"), gpu], TestDevice.Processor("ort-all-cores"));
            using CooperativeSession session = Open(device, plan: TestDevice.Halves(ProgressiveNetwork.Prepared));
            int told = 0;
            session.ProcessorFailed += (_, _) => told++;
            gpu.FailsAt = failing;
            RequireRight(session, failing);
            Assert.Equal(1, told);
            Assert.Equal(("cpu", 3), (session.Plan.Policy, session.Plan.Steps.Count));
        }
    }

    [Fact]
    public void Networks_without_exits_thresholds_that_do_not_fit_and_wrong_images_are_refused()
    {
        using LocalDevice device = TestDevice.Open();
        using var ordinary = new CooperativeSession(
            TestDevice.Model, new() { Device = device, Deployment = TestDevice.Quick, Plan = TestDevice.Halves(TestDevice.Network) });
        using OrtValue plain = OrtValue.CreateTensorValueFromMemory(TestDevice.Input(1), [.. TestDevice.Model.Inputs[0].Shape]);
        Assert.Null(ordinary.Progressive);
        Assert.Contains("has no exits", Refused(ordinary, ordinary.InputNames[0], plain, null), StringComparison.Ordinal);
        using CooperativeSession session = Open(device, plan: TestDevice.Halves(ProgressiveNetwork.Prepared));
        using OrtValue image = Value(ProgressiveNetwork.Image(1));
        Assert.Contains("3 exits", Refused(session, "image", image, ExitThresholds.Each(0.1, 0.2, 0.3, 0.4)), StringComparison.Ordinal);
        using OrtValue small = OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, [2, 3, 24, 23]);
        Assert.Contains("image", Refused(session, "image", small, null), StringComparison.Ordinal);
        Assert.Contains("missing", Refused(session, "picture", image, null), StringComparison.Ordinal);
        Assert.Throws<InputException>(() => ExitThresholds.Same(double.NaN));
        Assert.Throws<InputException>(() => ExitThresholds.Each(0.5, -0.1));
        Assert.Throws<InputException>(() => ExitThresholds.Each());
    }

    [Fact]
    public void Files_carry_the_exits_to_the_prepared_network()
    {
        Graphs.Graph again = OnnxFile.Parse(OnnxFile.Serialize(ProgressiveNetwork.Model), "again");
        ProgressiveDescription prepared = ProgressiveDescription.Of(GraphPreparation.Prepare(again).Graph)!;
        Assert.Equal(ProgressiveNetwork.Description.Exits, prepared.Exits);
        Assert.Equal(ProgressiveNetwork.Description.Classes, prepared.Classes);
    }

    private static CooperativeSession Open(LocalDevice device, string policy = PolicyNames.Tandem, Plan? plan = null) =>
        new(ProgressiveNetwork.Model, new() { Device = device, Deployment = TestDevice.Quick, Policy = policy, Plan = plan });

    private static OrtValue Value(float[] image) => OrtValue.CreateTensorValueFromMemory(image, [1, 3, 24, 24]);

    private static string Refused(CooperativeSession session, string name, OrtValue value, ExitThresholds? thresholds) =>
        Assert.Throws<InputException>(() => session.RunProgressive(
            new Dictionary<string, OrtValue> { [name] = value }, thresholds, TestContext.Current.CancellationToken)).Message;

    /// <summary>Runs images at thresholds around what their exits are sure of, and at the ends.</summary>
    private static void RequireRight(CooperativeSession session, int seed)
    {
        var random = new Random(seed);
        HashSet<int> exits = [];
        for (int round = 0; round < 8; round++)
        {
            float[] image = ProgressiveNetwork.Image(random.Next());
            float[][] scores = ProgressiveNetwork.Scores(image);
            double[] sure = [.. scores.Take(2).Select((s, exit) => ProgressiveNetwork.Read(exit, s).Probability)];
            ExitThresholds thresholds = round switch
            {
                0 => ExitThresholds.Same(0),
                1 => ExitThresholds.Same(1.5),
                2 => ExitThresholds.Each(1.5, 0),
                _ => ExitThresholds.Each(sure[0] + (random.NextDouble() - 0.5) / 5, sure[1] + (random.NextDouble() - 0.5) / 5),
            };
            using OrtValue value = Value(image);
            ExitTaken taken = Assert.Single(session.RunProgressive(
                new Dictionary<string, OrtValue> { ["image"] = value }, thresholds, TestContext.Current.CancellationToken));
            RequireTaken(image, thresholds, taken);
            exits.Add(taken.Exit);
        }
        Assert.Equal([0, 1, 2], exits.Order());
    }

    private static void RequireTaken(float[] image, ExitThresholds thresholds, ExitTaken taken)
    {
        float[][] scores = ProgressiveNetwork.Scores(image);
        int expected = Enumerable.Range(0, 2).FirstOrDefault(e => ProgressiveNetwork.Read(e, scores[e]).Probability >= thresholds[e], 2);
        // Engines round differently, so a threshold that lies within that of the confidence decides nothing.
        bool isClose = Enumerable.Range(0, 2).Any(e => Math.Abs(ProgressiveNetwork.Read(e, scores[e]).Probability - thresholds[e]) < Tolerance);
        Assert.True(isClose || expected == taken.Exit, $"left at {taken.Exit} in place of {expected}");
        (_, double probability) = ProgressiveNetwork.Read(taken.Exit, scores[taken.Exit]);
        Assert.InRange(taken.Confidence, probability - Tolerance, probability + Tolerance);
        Assert.InRange(scores[taken.Exit][taken.Class], scores[taken.Exit].Max() - Tolerance, float.PositiveInfinity);
        Assert.True(taken.Milliseconds > 0);
    }
}
