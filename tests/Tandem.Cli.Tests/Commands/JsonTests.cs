using System.Text.Json.Nodes;
using Tandem.Planning;

namespace Tandem.Cli.Tests.Commands;

/// <summary>What others script against.</summary>
public sealed class JsonTests : IDisposable
{
    // The second processor is a core of the CPU through ONNX Runtime: there on every machine.
    private static readonly string[] Quick = ["--json", "--gpu", "CPU", "--runs", "1", "--warm-ups", "0", "--rounds", "0"];
    private static readonly string[] BenchFields =
        ["model", "runs", "latencyMs", "idealMs", "predictedMs", "maxRelativeError", "peakMemoryMb", "samePlanAs"];

    private readonly TandemCommand _tandem = new();

    public void Dispose() => _tandem.Dispose();

    [Fact]
    public void Bench_prints_an_array_with_one_object_per_model()
    {
        _tandem.Write("a.onnx", TandemCommand.SmallModel());
        _tandem.Write("b.onnx", TandemCommand.SmallModel());
        TandemCommand.Result result = _tandem.Run(["bench", "a.onnx", "b.onnx", .. Quick]);
        Assert.True(result.ExitCode == 0, result.Error);
        JsonArray models = result.Json.AsArray();
        Assert.Equal(2, models.Count);
        foreach (JsonNode? model in models)
        {
            Assert.Equal(BenchFields, Names(model));
            Assert.Equal(1, (int)model!["runs"]!);
            string[] policies = [.. Names(model["latencyMs"])];
            RequireAmong(policies, PolicyNames.OrtAllCores, PolicyNames.Cpu, PolicyNames.Gpu, PolicyNames.MuLayer, PolicyNames.Tandem);
            foreach (string policy in policies)
            {
                Assert.Equal(["median", "p10", "p90"], Names(model["latencyMs"]![policy]));
                Assert.True((double)model["latencyMs"]![policy]!["median"]! > 0);
                Assert.InRange((double)model["maxRelativeError"]![policy]!, 0, 1e-3);
            }
            Assert.All(["predictedMs", "maxRelativeError", "peakMemoryMb"], field => Assert.Equal(policies, Names(model[field])));
            double cpu = (double)model["latencyMs"]!["cpu"]!["median"]!;
            double gpu = (double)model["latencyMs"]!["gpu"]!["median"]!;
            Assert.Equal(1 / (1 / cpu + 1 / gpu), (double)model["idealMs"]!, 1e-6);
        }
    }

    [Fact]
    public void Profile_of_random_kernels_prints_each_sample_and_how_well_they_repeat_and_goes_on_where_it_stopped()
    {
        TandemCommand.Result result = Sample(6);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["configurations", "seed", "processors", "samples"], Names(result.Json));
        JsonNode processor = Assert.Single(result.Json["processors"]!.AsArray())!;
        Assert.Equal(
            ["processor", "measured", "refused", "repeated", "halvesWithinTenPercent", "halvesWithinTenPercentAsMeasured", "isDriftCorrected"],
            Names(processor));
        Assert.Equal((6, 6), ((int)processor["measured"]!, (int)processor["repeated"]!));
        JsonArray samples = result.Json["samples"]!.AsArray();
        Assert.Equal(6, samples.Count);
        Assert.All(samples, s => Assert.True((double)s!["medianMs"]! > 0));
        JsonNode more = Sample(8).Json;
        Assert.Equal(2, (int)more["processors"]![0]!["measured"]!);
        Assert.Equal(8, more["samples"]!.AsArray().Count);
        Assert.Equal(samples.Select(Line), more["samples"]!.AsArray().Take(6).Select(Line));

        TandemCommand.Result Sample(int count) =>
            _tandem.Run("profile", "--configurations", $"{count}", "--seed", "4", "--gpu", "none", "--no-cpu-opencl", "--json");
        static string Line(JsonNode? sample) => sample!.ToJsonString();
    }

    [Fact]
    public void Bench_of_throughput_adds_every_way_and_the_chosen_one()
    {
        _tandem.Write("a.onnx", TandemCommand.SmallModel());
        TandemCommand.Result result = _tandem.Run(["bench", "a.onnx", "--policies", "cpu", "--throughput", .. Quick]);
        Assert.True(result.ExitCode == 0, result.Error);
        JsonNode model = Assert.Single(result.Json.AsArray())!;
        Assert.Equal([.. BenchFields, "inferencesPerSecond", "throughputPlan", "predictedPerSecond", "pipelineStages"], Names(model));
        string[] ways = [.. Names(model["inferencesPerSecond"])];
        RequireAmong(ways, PolicyNames.OrtAllCores, PolicyNames.Cpu, PolicyNames.Gpu, PolicyNames.BatchSplit, PolicyNames.Tandem);
        string chosen = (string)model["throughputPlan"]!;
        Assert.Equal((double)model["inferencesPerSecond"]![chosen]!, (double)model["inferencesPerSecond"]![PolicyNames.Tandem]!);
        RequireAmong([.. Names(model["predictedPerSecond"])], chosen);
        if (ways.Contains(PolicyNames.Pipeline))
        {
            Assert.All(model["pipelineStages"]!.AsArray(), stage =>
                Assert.Equal(["processor", "firstKernel", "lastKernel", "predictedMs"], Names(stage)));
        }
    }

    [Fact]
    public void Plan_for_throughput_prints_the_chosen_way()
    {
        _tandem.Write("a.onnx", TandemCommand.SmallModel());
        TandemCommand.Result result = _tandem.Run("plan", "a.onnx", "--objective", "throughput", "--json", "--gpu", "CPU");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["network", "throughputPlan", "predictedPerSecond", "inferencesPerSecond", "lanes"], Names(result.Json));
        Assert.All(result.Json["lanes"]!.AsArray(), lane => RequirePlanFields(lane!));
        TandemCommand.Result refused = _tandem.Run("run", "a.onnx", "--objective", "throughput");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("tandem plan", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_adds_the_plan_and_the_outputs_and_its_plan_can_be_used_again()
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        TandemCommand.Result planned = _tandem.Run(
            "plan", "small.onnx", "--policy", "mulayer", "--out", "plan.json", "--json", "--gpu", "CPU", "--rounds", "0");
        Assert.True(planned.ExitCode == 0, planned.Error);
        RequirePlanFields(planned.Json, "planningMilliseconds");
        Assert.True((double)planned.Json["planningMilliseconds"]! > 0);
        Plan plan = PlanFile.FromJson(planned.Output);
        Assert.Equal(PlanFile.ToJson(plan), PlanFile.ToJson(PlanFile.FromJson(_tandem.Read("plan.json"))));
        TandemCommand.Result result = _tandem.Run(["run", "small.onnx", "--plan", "plan.json", .. Quick]);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal([.. BenchFields, "policy", "processors", "outputs", "plan"], Names(result.Json));
        JsonNode output = Assert.Single(result.Json["outputs"]!.AsArray())!;
        Assert.Equal(["name", "shape", "largest"], Names(output));
        Assert.NotEmpty(output["largest"]!.AsArray());
        Assert.All(output["largest"]!.AsArray(), largest => Assert.Equal(["index", "value"], Names(largest)));
        RequirePlanFields(result.Json["plan"]!);
        Assert.Equal("mulayer", (string)result.Json["policy"]!);
        Assert.Equal(plan.Processors, result.Json["processors"]!.AsArray().Select(p => (string)p!));
        Assert.Equal([1, 8, 32, 32], result.Json["outputs"]![0]!["shape"]!.AsArray().Select(d => (int)d!));
        Assert.Equal(plan.NetworkSignature, PlanFile.FromJson(result.Json["plan"]!.ToJsonString()).NetworkSignature);
        Assert.Equal(["plan.json", "small.onnx"], _tandem.Files);
    }

    [Fact]
    public void Default_network_runs_without_a_model_and_without_OpenCL()
    {
        _tandem.Environment["OCL_ICD_VENDORS"] = "/nonexistent";
        TandemCommand.Result devices = _tandem.Run("devices", "--json");
        Assert.True(devices.ExitCode == 0, devices.Error);
        Assert.NotNull((string?)devices.Json["gpuAbsence"]);
        Assert.Equal(["cpu", "ort-all-cores"], devices.Json["processors"]!.AsArray().Select(p => (string)p!["name"]!));
        TandemCommand.Result result = _tandem.Run("run", "tandem-demo", "--json", "--runs", "1", "--warm-ups", "0", "--rounds", "0");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("tandem-demo", (string)result.Json["model"]!);
        string[] policies = [.. Names(result.Json["latencyMs"])];
        RequireAmong(policies, PolicyNames.OrtAllCores, PolicyNames.Cpu, PolicyNames.Tandem);
        Assert.DoesNotContain(PolicyNames.Gpu, policies);
        Assert.Equal([1, 100], result.Json["outputs"]![0]!["shape"]!.AsArray().Select(d => (int)d!));
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_prints_each_processor_and_what_else_could_be_one()
    {
        TandemCommand.Result result = _tandem.Run("devices", "--json", "--gpu", "CPU", "--no-cpu-opencl");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["processors", "executionProviders", "gpuAbsence"], Names(result.Json));
        Assert.Equal(["cpu", "gpu", "ort-all-cores"], result.Json["processors"]!.AsArray().Select(p => (string)p!["name"]!));
        Assert.All(result.Json["processors"]!.AsArray(), processor => Assert.Equal(
            ["name", "kind", "engine", "engineVersion", "device", "cores", "threads", "cpuBacked", "halfPrecision"], Names(processor)));
        Assert.Null(result.Json["gpuAbsence"]);
    }

    [Fact]
    public void Second_engine_of_the_cpu_is_there_where_OpenCL_has_a_device_for_its_cores()
    {
        JsonNode[] processors = [.. _tandem.Run("devices", "--json").Json["processors"]!.AsArray().Select(p => p!)];
        Assert.SkipUnless(processors.Any(p => (bool)p["cpuBacked"]!), "no CPU-backed OpenCL device");
        JsonNode second = Assert.Single(processors, p => (string)p["name"]! == "cpu-opencl");
        JsonNode cpu = Assert.Single(processors, p => (string)p["name"]! == "cpu");
        Assert.Equal("opencl", (string)second["engine"]!);
        Assert.Subset(
            cpu["cores"]!.AsArray().Select(core => (int)core!).ToHashSet(), second["cores"]!.AsArray().Select(core => (int)core!).ToHashSet());
    }

    [Fact]
    public void Profile_prints_the_network_s_samples_and_what_lies_between_processors()
    {
        _tandem.Write("small.onnx", TandemCommand.SmallModel());
        TandemCommand.Result result = _tandem.Run("profile", "small.onnx", "--json", "--gpu", "CPU");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["model", "samples", "costs"], Names(result.Json));
        Assert.NotEmpty(result.Json["samples"]!.AsArray());
        Assert.All(result.Json["samples"]!.AsArray(), sample => Assert.Equal(
            ["processor", "kernel", "signature", "medianMs", "p10Ms", "p90Ms", "runs"], Names(sample)));
        Assert.NotEmpty(result.Json["costs"]!.AsArray());
        Assert.All(result.Json["costs"]!.AsArray(), cost => Assert.Equal(["subject", "name", "value", "unit"], Names(cost)));
    }

    private static void RequirePlanFields(JsonNode plan, params string[] additional)
    {
        Assert.Equal(["formatVersion", "network", "networkSignature", "policy", "steps", .. additional], Names(plan));
        Assert.NotEmpty(plan["steps"]!.AsArray());
        Assert.All(plan["steps"]!.AsArray(), step =>
        {
            Assert.Equal(["id", "processor", "slice", "dependsOn", "predictedStartMs", "predictedMs"], Names(step));
            Assert.Equal(["kernels", "axis", "share"], Names(step!["slice"]));
            Assert.Equal(["first", "end"], Names(step["slice"]!["kernels"]));
            Assert.Equal(["begin", "end"], Names(step["slice"]!["share"]));
        });
    }

    private static void RequireAmong(string[] actual, params string[] expected) => Assert.Empty(expected.Except(actual));

    private static IEnumerable<string> Names(JsonNode? node) => node!.AsObject().Select(field => field.Key);
}
