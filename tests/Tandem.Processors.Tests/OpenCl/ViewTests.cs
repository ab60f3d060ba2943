using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Slices that read and write ranges of larger tensors.</summary>
public sealed class ViewTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const float Untouched = -77;

    public static TheoryData<string, int, int> Ends
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (string network in new[] { "conv", "winograd", "pool", "relu", "add", "softmax", "concat", "reshape" })
            {
                data.Add(network, 1, 1);
                data.Add(network, 2, 2);
                data.Add(network, 3, 1);
                data.Add(network, 2, 3);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public void Ranges_are_read_and_written_in_place(string network, int inputAxis, int outputAxis) =>
        CheckRanges(Fixture.Processor, network, inputAxis, outputAxis);

    [Theory]
    [InlineData("conv", 2, 2)]
    [InlineData("conv", 1, 1)]
    [InlineData("winograd", 2, 2)]
    [InlineData("winograd", 1, 1)]
    [InlineData("softmax", 2, 3)]
    public void Ranges_are_mapped_where_memory_is_not_coherent(string network, int inputAxis, int outputAxis)
    {
        OpenClFixture.RequireDevice();
        using var processor = new OpenClProcessor(OpenClFixture.Options() with { Sharing = MemorySharing.Mapped });
        CheckRanges(processor, network, inputAxis, outputAxis);
    }

    [Theory]
    [InlineData("conv", 2, 2)]
    [InlineData("conv", 1, 1)]
    [InlineData("winograd", 2, 2)]
    [InlineData("winograd", 1, 1)]
    [InlineData("softmax", 2, 3)]
    public void Ranges_are_copied_where_the_device_has_its_own_memory(string network, int inputAxis, int outputAxis)
    {
        OpenClFixture.RequireDevice();
        using var processor = new OpenClProcessor(OpenClFixture.Options() with { Sharing = MemorySharing.Copied });
        CheckRanges(processor, network, inputAxis, outputAxis);
    }

    [Theory]
    [InlineData("conv", 2, 2)]
    [InlineData("conv", 1, 1)]
    [InlineData("winograd", 2, 2)]
    [InlineData("softmax", 2, 3)]
    public void Ranges_are_addressed_where_virtual_memory_is_shared(string network, int inputAxis, int outputAxis)
    {
        OpenClFixture.RequireDevice();
        Assert.SkipUnless(Fixture.Processor.Device.HasFineGrainedSvm, "the device has no fine-grained shared virtual memory");
        using var processor = new OpenClProcessor(OpenClFixture.Options() with { Sharing = MemorySharing.FineGrainedSvm });
        CheckRanges(processor, network, inputAxis, outputAxis);
    }

    [Fact]
    public void Output_that_overlaps_its_input_is_right()
    {
        Graph graph = SmallGraphs.Convolution(4, 4, 9);
        float[][] inputs = GraphSketch.Values(graph);
        float[] expected = SliceRunner.Run(Fixture.Reference, graph, inputs)[0];
        using var buffer = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        inputs[0].CopyTo(buffer.AsSpan<float>());
        using ICompiledSlice slice = Fixture.Processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            SliceRunner.Views([buffer], graph.Inputs), SliceRunner.Views([buffer], graph.Outputs));
        bound.Run();
        Compare.CloseToScale(expected, buffer.AsSpan<float>(), Tolerance);
    }

    [Fact]
    public void Buffer_disposed_by_its_owner_lives_as_long_as_the_bound_slice()
    {
        Graph graph = SmallGraphs.Unary("Neg", new Shape(1, 2, 3, 4));
        var x = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        using var y = new SharedBuffer(graph.Outputs[0].SizeInBytes);
        x.AsSpan<float>().Fill(2);
        using ICompiledSlice slice = Fixture.Processor.Compile(graph);
        using (IBoundSlice bound = slice.Bind(SliceRunner.Views([x], graph.Inputs), SliceRunner.Views([y], graph.Outputs)))
        {
            x.Dispose();
            bound.Run();
            Assert.Equal(-2, y.AsSpan<float>()[23]);
        }
        Assert.Throws<ObjectDisposedException>(
            () => slice.Bind(SliceRunner.Views([x], graph.Inputs), SliceRunner.Views([y], graph.Outputs)));
    }

    [Fact]
    public void Views_that_do_not_fit_are_refused()
    {
        Graph graph = SmallGraphs.Unary("Neg", new Shape(1, 2, 3, 4));
        using var buffer = new SharedBuffer(4096);
        using ICompiledSlice slice = Fixture.Processor.Compile(graph);
        Assert.Throws<ArgumentException>(() => slice.Bind([], SliceRunner.Views([buffer], graph.Outputs)));
    }

    private void CheckRanges(OpenClProcessor processor, string network, int inputAxis, int outputAxis)
    {
        Graph graph = Network(network);
        float[][] inputs = GraphSketch.Values(graph);
        float[] expected = SliceRunner.Run(Fixture.Reference, graph, inputs)[0];
        TensorView x = Wider(processor, graph.Inputs[0], inputAxis), y = Wider(processor, graph.Outputs[0], outputAxis);
        using (x.Buffer)
        using (y.Buffer)
        {
            x.Buffer.AsSpan<float>().Fill(Untouched);
            y.Buffer.AsSpan<float>().Fill(Untouched);
            Copy(x, inputs[0], toView: true);
            using ICompiledSlice slice = processor.Compile(graph);
            using IBoundSlice bound = slice.Bind([x], [y]);
            bound.Run();
            bound.Run();
            var actual = new float[expected.Length];
            Copy(y, actual, toView: false);
            Compare.CloseToScale(expected, actual, Tolerance);
            long outside = y.Tensor.Shape.ElementCount - expected.Length;
            int untouched = 0;
            foreach (float value in y.Buffer.AsSpan<float>()[..(int)(y.ByteOffset / sizeof(float) + y.Tensor.Shape.ElementCount)])
            {
                untouched += value == Untouched ? 1 : 0;
            }
            Assert.Equal(outside + y.ByteOffset / sizeof(float), untouched);
        }
    }

    private static Graph Network(string name)
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 6, 8, 10);
        return (name switch
        {
            "conv" => sketch.Weights("w", [40, 6, 3, 3]).Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "c", "y"),
            "winograd" => new GraphSketch().Input("x", 1, 30, 21, 17).Weights("w", [40, 30, 3, 3])
                .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 0, 1 })).Op("Relu", "c", "y"),
            "pool" => sketch.Op("MaxPool", "x", "y", ("kernel_shape", new[] { 3, 3 }), ("strides", new[] { 2, 2 })),
            "relu" => sketch.Op("Relu", "x", "y"),
            "add" => sketch.Weights("b", [1, 6, 1, 10]).Op("Add", "x b", "y"),
            "softmax" => sketch.Op("Softmax", "x", "y", ("axis", 1)),
            "concat" => sketch.Op("Relu", "x", "r").Op("Concat", "x r", "y", ("axis", 1)),
            _ => sketch.Ints("s", 1, 12, 4, 10).Op("Reshape", "x s", "r").Op("Sigmoid", "r", "y"),
        }).Build();
    }

    /// <summary>A view of a range in the middle of a tensor that is larger along an axis, at an odd place of a buffer.</summary>
    private static TensorView Wider(OpenClProcessor processor, Tensor tensor, int axis)
    {
        long extent = tensor.Shape[axis];
        var whole = new Tensor("whole", ElementType.Float32, tensor.Shape.With(axis, extent + 5));
        const long Offset = 12 * sizeof(float);
        return new TensorView(
            SharedBuffer.For([processor], whole.SizeInBytes + Offset), Offset, whole, new TensorRange(axis, 2, 2 + extent));
    }

    private static void Copy(in TensorView view, Span<float> values, bool toView)
    {
        int piece = (int)(view.PieceBytes / sizeof(float));
        for (int i = 0; i < view.PieceCount; i++)
        {
            long start = (view.FirstPieceOffset + i * view.PieceStrideBytes) / sizeof(float);
            Span<float> inside = view.Buffer.AsSpan<float>().Slice((int)start, piece);
            Span<float> outside = values.Slice(i * piece, piece);
            (toView ? outside : inside).CopyTo(toView ? inside : outside);
        }
    }
}
