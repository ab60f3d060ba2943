using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;
using Tandem.Profiling;

namespace Tandem.Execution.Tests;

/// <summary>Real networks and processors, small and unpinned, so that tests run on any machine.</summary>
internal static class TestDevice
{
    /// <summary>The product's own network on a small image.</summary>
    public static Graph Model { get; } = ModelZoo.Make(ModelZoo.DefaultName, 32);

    /// <summary>The same, prepared.</summary>
    public static Network Network { get; } = GraphPreparation.Prepare(Model);

    /// <summary>Profiles in memory, and takes plans as they come.</summary>
    public static DeploymentOptions Quick { get; } = new()
    {
        ProfilePath = null,
        Tuning = new PlanTuning { Rounds = 0, FinalRuns = 1 },
        Profiling = new ProfilingOptions { MinRuns = 1, MaxRuns = 1 },
    };

    public static OrtProcessor Processor(string name) => new(new OrtProcessorOptions { Name = name, AllowSpinning = false });

    public static LocalDevice Open() => new([Processor("cpu"), Processor("gpu")], Processor("ort-all-cores"));

    /// <summary>One step for all kernels.</summary>
    public static Plan Undivided(Network network) => new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble(
        "cpu", [new StepDraft("cpu", SliceSpec.Of(new KernelRange(0, network.Kernels.Count)), 1)]);

    /// <summary>Every kernel that can be is divided in halves by rows or channels; so both processors are needed everywhere.</summary>
    public static Plan Halves(Network network)
    {
        List<StepDraft> drafts = [];
        foreach (Kernel kernel in network.Kernels)
        {
            KernelRange range = new(kernel.Index, kernel.Index + 1);
            Share[] halves = [new(0, 0.5), new(0.5, 1)];
            SliceAxis axis = new[] { SliceAxis.Rows, SliceAxis.Channels }.FirstOrDefault(
                a => halves.All(h => Slicer.CanCut(network, range.First, range.End, a, h, out _)), SliceAxis.None);
            drafts.AddRange(axis == SliceAxis.None
                ? [new StepDraft("cpu", SliceSpec.Of(range), 1)]
                : [new StepDraft("cpu", new(range, axis, halves[0]), 1), new StepDraft("gpu", new(range, axis, halves[1]), 1)]);
        }
        return new PlanAssembler(network, GraphSignature.Of(network.Graph), 0).Assemble("halves", drafts);
    }

    public static float[] Input(int seed)
    {
        using var memory = new SharedBuffer(Model.Inputs[0].SizeInBytes);
        SeededInputs.Fill(Model, Model.Inputs[0], memory, seed);
        return memory.AsSpan<float>().ToArray();
    }

    /// <summary>What one session of ONNX Runtime makes of an input.</summary>
    public static float[] Reference(float[] input) => BothEngines.Plain(Model, input);

    public static void RequireEqual(float[] expected, ReadOnlySpan<float> actual) =>
        Assert.InRange(OutputComparison.MaxRelativeError(actual, expected), 0, 1e-4);
}
