using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Every way to share tensors that a device used as a GPU offers.</summary>
public sealed class HandOverTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const int Runs = 100;

    private static readonly Graph Small = new GraphSketch().Input("x", 1, 3, 7, 11).Weights("w", [5, 3, 3, 3])
        .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "c", "r").Op("Softmax", "r", "y", ("axis", 1)).Build();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Results_of_every_run_are_seen_by_the_host(bool ownInput, bool ownOutput)
    {
        OpenClFixture.RequireDevice();
        using OpenClProcessor processor = GpuProcessor();
        Assert.Equal(processor.HandOver, processor.HandOvers[0]);
        foreach (string way in processor.HandOvers)
        {
            processor.HandOver = way;
            Assert.Equal(way, processor.HandOver);
            CheckRuns(processor, ownInput, ownOutput);
        }
    }

    [Fact]
    public void Shared_virtual_memory_is_used_in_place()
    {
        using OpenClProcessor processor = RequireSvm();
        foreach (string way in processor.HandOvers)
        {
            processor.HandOver = way;
            bool isSvm = way.StartsWith("shared virtual memory", StringComparison.Ordinal);
            using SharedBuffer input = SharedBuffer.For([processor], Small.Inputs[0].SizeInBytes);
            using SharedBuffer output = SharedBuffer.For([Fixture.Reference, processor], Small.Outputs[0].SizeInBytes);
            Assert.Equal(isSvm, ReferenceEquals(processor.Context, output.Owner));
            using ICompiledSlice slice = processor.Compile(Small);
            using IBoundSlice bound = slice.Bind(SliceRunner.Views([input], Small.Inputs), SliceRunner.Views([output], Small.Outputs));
            RunTiming timing = bound.Run();
            Assert.Equal(isSvm, timing.GatherTicks == 0 && timing.ScatterTicks == 0);
        }
    }

    [Fact]
    public void Memory_is_zero_aligned_and_outlives_its_processor()
    {
        using OpenClProcessor processor = RequireSvm();
        processor.HandOver = "shared virtual memory";
        using SharedBuffer? buffer = processor.TryAllocate(5000);
        Assert.NotNull(buffer);
        processor.Dispose();
        Assert.Equal((5000L, 8192L), (buffer.SizeInBytes, buffer.AllocatedBytes));
        unsafe
        {
            Assert.Equal(0, (nint)buffer.Pointer % SharedBuffer.AlignmentInBytes);
        }
        Assert.Equal(-1, buffer.AsSpan<byte>().IndexOfAnyExcept((byte)0));
        buffer.AsSpan<byte>().Fill(7);
        Assert.Throws<ObjectDisposedException>(() => processor.TryAllocate(1));
    }

    [Fact]
    public void Way_that_is_not_offered_is_refused()
    {
        Assert.Equal(["coherent"], Fixture.Processor.HandOvers);
        Assert.Throws<ArgumentException>(() => Fixture.Processor.HandOver = "shared virtual memory");
        Assert.Null(Fixture.Processor.TryAllocate(100));
    }

    private static OpenClProcessor GpuProcessor() => new(OpenClFixture.Options() with { TreatAsGpu = true });

    private static OpenClProcessor RequireSvm()
    {
        OpenClFixture.RequireDevice();
        OpenClProcessor processor = GpuProcessor();
        bool offers = processor.Device.HasSvmAtomics && !processor.Device.HasSystemSvm;
        if (!offers)
        {
            processor.Dispose();
        }
        Assert.SkipUnless(offers, "the device has no fine-grained shared virtual memory of its own with atomics");
        return processor;
    }

    /// <summary>Runs a bound slice again and again on other inputs, and one on memory that is not the device's.</summary>
    private void CheckRuns(OpenClProcessor processor, bool ownInput, bool ownOutput)
    {
        using SharedBuffer input = Allocate(processor, ownInput, Small.Inputs[0]);
        using SharedBuffer output = Allocate(processor, ownOutput, Small.Outputs[0]);
        using ICompiledSlice slice = processor.Compile(Small), reference = Fixture.Reference.Compile(Small);
        using var expected = new SharedBuffer(Small.Outputs[0].SizeInBytes);
        TensorView[] inputs = SliceRunner.Views([input], Small.Inputs);
        using IBoundSlice bound = slice.Bind(inputs, SliceRunner.Views([output], Small.Outputs));
        using IBoundSlice boundReference = reference.Bind(inputs, SliceRunner.Views([expected], Small.Outputs));
        for (int run = 0; run < Runs; run++)
        {
            SmallGraphs.Fill(input.AsSpan<float>(), run);
            output.AsSpan<float>().Clear();
            bound.Run();
            boundReference.Run();
            Compare.CloseToScale(expected.AsSpan<float>(), output.AsSpan<float>(), Tolerance);
        }
    }

    private static SharedBuffer Allocate(OpenClProcessor processor, bool isOwn, Tensor tensor) =>
        isOwn ? SharedBuffer.For([processor], tensor.SizeInBytes) : new SharedBuffer(tensor.SizeInBytes);
}
