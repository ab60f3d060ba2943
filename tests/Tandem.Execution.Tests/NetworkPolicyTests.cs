using System.Runtime.InteropServices;
using Tandem.Graphs;
using Tandem.Graphs.Costs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Planning.Policies;
using Tandem.Prediction;
using Tandem.Prediction.MuLayer;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.OpenCl;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

/// <summary>
/// Whole networks by every policy on ONNX Runtime and OpenCL together, against plain ONNX Runtime. Plans rest on latencies worked
/// out from multiply-accumulates, so they are the same on every machine.
/// </summary>
public sealed class NetworkPolicyTests
{
    private const double Tolerance = 1e-3;

    // ONNX Runtime rounds to 11 bits between the layers of this file, we only at its ends.
    private const double HalfPrecisionTolerance = 2e-2;
    private const int Seed = 5;

    /// <summary>Networks that the product builds, at image sizes that keep the tests short.</summary>
    public static TheoryData<string, int> Built => new()
    {
        { "vgg16", 64 }, { "resnet50", 64 }, { "googlenet", 64 }, { "mobilenetv2", 64 }, { "squeezenet1.1", 64 },
        { "yolov2-tiny", 96 }, { "tandem-demo", 64 },
    };

    /// <summary>Files of shared/data/models whose weights were trained.</summary>
    public static TheoryData<string> Trained => ["candy.onnx", "mnist.onnx", "version-RFB-320.onnx", "SqueezeNet_fp16.onnx"];

    /// <summary>Files of shared/data/models/light, whose weights are constant.</summary>
    public static TheoryData<string> Light =>
    [
        "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512",
    ];

    [Theory]
    [MemberData(nameof(Built))]
    public void Built_networks_are_right_by_every_policy(string name, int imageSize) =>
        RequireRight(ModelZoo.Make(name, imageSize), Tolerance, reference: null);

    [Theory]
    [MemberData(nameof(Trained))]
    public void Trained_networks_are_right_by_every_policy(string file)
    {
        Graph model = OnnxFile.Load(SharedModels.PathOf(file));
        RequireRight(model, file.Contains("fp16", StringComparison.Ordinal) ? HalfPrecisionTolerance : Tolerance, reference: null);
    }

    [Theory]
    [MemberData(nameof(Light))]
    public void Networks_with_random_weights_are_right_by_every_policy(string name)
    {
        Graph model = OnnxFile.Load(SharedModels.PathOf($"light/light_{name}.onnx"));
        RequireRight(RandomWeights.Replace(ConstantFolding.Fold(model), Seed), Tolerance, reference: null);
    }

    [Theory]
    [MemberData(nameof(Light))]
    public void Networks_as_published_give_the_published_outputs_by_every_policy(string name)
    {
        Graph model = OnnxFile.Load(SharedModels.PathOf($"light/light_{name}.onnx"));
        Constant published = OnnxFile.LoadTensor(SharedModels.PathOf($"light/light_{name}_output_0.pb"));
        // The publisher's own tolerance for this network is twice that of the others.
        RequireRight(model, name == "densenet121" ? 2 * Tolerance : Tolerance, published.AsSpan<float>().ToArray());
    }

    [Theory]
    [InlineData("googlenet")]
    [InlineData("squeezenet1.1")]
    public void Branches_side_by_side_give_the_right_outputs(string name) =>
        RequireRight(ModelZoo.Make(name, 64), Tolerance, null, new MuLayerPolicy(PolicyNames.MuLayer)
        {
            // Launching costs so much that every region is distributed by branches.
            FitPredictor = _ => new LaunchesOnly(),
        });

    private static void RequireRight(Graph model, double tolerance, float[]? reference) =>
        RequireRight(model, tolerance, reference, [.. PolicyRegistry.Compared, PolicyRegistry.Find(PolicyNames.TandemOneEngine)]);

    private static void RequireRight(Graph model, double tolerance, float[]? reference, params IPolicy[] policies)
    {
        Network network = GraphPreparation.Prepare(model);
        using LocalDevice device = OpenDevice();
        byte[][] inputs = [.. model.Inputs.Select(input => reference is null ? Seeded(model, input) : IndexOverCount(input))];
        byte[][] expected = reference is null ? PlainRun(model, inputs) : [MemoryMarshal.AsBytes(reference.AsSpan()).ToArray()];
        Profile profile = KnownProfile(network, device);
        HashSet<string> tried = [];
        foreach (IPolicy policy in policies)
        {
            Plan plan;
            try
            {
                plan = policy.MakePlan(Problem(network, device, profile));
            }
            catch (PlanException e) when (policy.Name == PolicyNames.Gpu)
            {
                // A device that refuses a kernel has no plain plan; the cooperative ones keep the kernel elsewhere.
                Assert.Contains("cannot run", e.Message, StringComparison.Ordinal);
                continue;
            }
            if (!tried.Add(PlanShape.Of(plan)))
            {
                // Another policy decided the same, and that plan was right.
                continue;
            }
            double error = Error(model, network, device, plan, inputs, expected);
            Assert.True(error <= tolerance, $"{model.Name} by {policy.Name} on {string.Join('+', plan.Processors)}: error {error}");
        }
    }

    private static LocalDevice OpenDevice()
    {
        int last = Environment.ProcessorCount - 1;
        OpenClDeviceList found = OpenClDevice.Enumerate([last], [0]);
        if (found.ReasonForNone is { } reason)
        {
            Assert.Skip($"no OpenCL device: {reason}");
        }
        List<IProcessor> processors =
            [TestDevice.Processor("cpu"), new OpenClProcessor(new OpenClProcessorOptions { Name = "gpu", Cores = [last] })];
        if (last > 0 && found.Devices.Any(device => device.Cores.SequenceEqual([0])))
        {
            processors.Add(new OpenClProcessor(new OpenClProcessorOptions { Name = "cpu-opencl", Worker = "cpu", Cores = [0] }));
        }
        return new LocalDevice(
            processors,
            new OrtProcessor(new OrtProcessorOptions
            {
                Name = "ort-all-cores",
                Threads = Environment.ProcessorCount,
                AllowSpinning = false,
            }));
    }

    private static double Error(
        Graph model, Network network, LocalDevice device, Plan plan, byte[][] inputs, byte[][] expected)
    {
        using var compiled = new CompiledSlices(network);
        using var executor = new PlanExecutor(plan, compiled, device.ByName);
        foreach ((Tensor input, byte[] bytes) in model.Inputs.Zip(inputs).Where(i => executor.Touches(i.First.Name)))
        {
            bytes.CopyTo(executor.Memory(input.Name).AsSpan<byte>());
        }
        executor.Run();
        return model.Outputs.Zip(expected).Max(output => OutputComparison.MaxRelativeError(
            output.First.Type, executor.Memory(output.First.Name).AsSpan<byte>(), output.Second));
    }

    /// <summary>
    /// Latencies as multiply-accumulates and bytes make one expect, the OpenCL device a little slower, the CPU's second engine better at
    /// every other kernel; refusals are asked for.
    /// </summary>
    private static Profile KnownProfile(Network network, LocalDevice device)
    {
        var keys = new SliceKeys(network);
        var profile = new Profile();
        foreach (IProcessor processor in device.Cooperating)
        {
            double sum = 0;
            foreach (Kernel kernel in network.Kernels)
            {
                var slice = SliceSpec.Of(new KernelRange(kernel.Index, kernel.Index + 1));
                double slowness = processor.Info.Name == "gpu" || (kernel.Index % 2 == 0 && processor.Info.Name == "cpu-opencl") ? 1.1
                    : processor.Info.Name == "cpu-opencl" ? 0.9 : 1;
                double ms = slowness * kernel.Operators.Sum(op => Ms(OperatorCost.Of(op, network.Graph)));
                sum += ms;
                AddRefusal(profile, processor, slice, network, keys);
                profile.Add(KnownLatencies.Sample(processor.Info.Key, keys.Of(slice), kernel.Type, ms));
            }
            profile.Add(KnownLatencies.Sample(processor.Info.Key, keys.Whole, "all", sum));
        }
        profile.Add(KnownLatencies.Sample(device.AllCores!.Info.Key, keys.Whole, "all", 1));
        return profile;
    }

    private static PlanningProblem Problem(Network network, LocalDevice device, Profile profile) => new(
        network, [.. device.Cooperating.Select(AsPlanned)], AsPlanned(device.AllCores!), new SlicePredictor(network, profile), 0.005);

    private static PlanProcessor AsPlanned(IProcessor processor) => new(processor.Info.Name, processor.Info.Key)
    {
        Worker = processor.Info.Worker,
    };

    private static void AddRefusal(Profile profile, IProcessor processor, SliceSpec slice, Network network, SliceKeys keys)
    {
        if (profile.Find(processor.Info.Key, keys.Of(slice)) is not null)
        {
            return;
        }
        try
        {
            processor.Compile(slice.Cut(network).Graph).Dispose();
        }
        catch (SliceRefusedException e)
        {
            profile.AddRefusal(processor.Info.Key, keys.Of(slice), e.Message);
        }
    }

    private static double Ms(OperatorCost cost) => cost.Macs / 5e7 + (cost.ReadBytes + cost.WriteBytes) / 1e7 + 0.002;

    private static byte[] Seeded(Graph model, Tensor input)
    {
        using var memory = new SharedBuffer(input.SizeInBytes);
        SeededInputs.Fill(model, input, memory, Seed);
        return memory.AsSpan<byte>().ToArray();
    }

    /// <summary>The input that belongs to the published outputs: each element's index divided by their number.</summary>
    private static byte[] IndexOverCount(Tensor input)
    {
        var values = new float[input.Shape.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)i / values.Length;
        }
        return MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
    }

    private static byte[][] PlainRun(Graph model, byte[][] inputs)
    {
        using var session = new InferenceSession(OnnxFile.Serialize(model));
        using var options = new RunOptions();
        OrtValue[] values = [.. model.Inputs.Select(i => OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)i.Type, [.. i.Shape]))];
        for (int i = 0; i < values.Length; i++)
        {
            inputs[i].CopyTo(values[i].GetTensorMutableRawData());
        }
        OrtValue[] outputs = [.. session.Run(options, [.. model.Inputs.Select(i => i.Name)], values, [.. model.Outputs.Select(o => o.Name)])];
        byte[][] bytes = [.. outputs.Select(o => o.GetTensorMutableRawData().ToArray())];
        Array.ForEach([.. values, .. outputs], v => v.Dispose());
        return bytes;
    }

    private sealed class LaunchesOnly : ILayerPredictor
    {
        public double PredictMs(LayerFeatures layer) => 1;
    }
}
