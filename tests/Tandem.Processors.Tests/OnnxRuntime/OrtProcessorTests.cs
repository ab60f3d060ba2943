using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Where slices read and write, and what a processor says of itself.</summary>
public sealed class OrtProcessorTests
{
    private static readonly Shape _square = new(1, 8, 6, 6);

    [Fact]
    public void Processor_says_what_it_is()
    {
        using var processor = new OrtProcessor(new OrtProcessorOptions { Name = "ort-all-cores", Threads = 2, Cores = [0, 1] });
        Assert.Equal("ort-all-cores", processor.Info.Name);
        Assert.Equal(ProcessorKind.Cpu, processor.Info.Kind);
        Assert.Equal("onnxruntime", processor.Info.Engine);
        Assert.Equal(OrtEnv.Instance().GetVersionString(), processor.Info.EngineVersion);
        Assert.Equal([0, 1], processor.Info.Cores);
        Assert.Equal(2, processor.Info.Threads);
        Assert.False(processor.Info.IsCpuBacked);
    }

    [Fact]
    public void Missing_provider_is_refused_when_the_processor_is_made() =>
        Assert.Throws<ProcessorFailedException>(
            () => new OrtProcessor(new OrtProcessorOptions { ExecutionProvider = "NoSuchProvider" }));

    [Fact]
    public void Provider_starts_or_says_in_one_line_that_it_does_not()
    {
        foreach (string provider in OrtEnv.Instance().GetAvailableProviders())
        {
            try
            {
                using var processor = new OrtProcessor(new OrtProcessorOptions { ExecutionProvider = provider });
                Assert.StartsWith("onnxruntime", processor.Info.Engine, StringComparison.Ordinal);
            }
            catch (ProcessorFailedException failure)
            {
                Assert.Contains("does not start on this machine", failure.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', failure.Message);
            }
        }
    }

    [Fact]
    public void No_threads_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrtProcessor(new OrtProcessorOptions { Threads = 0 }));

    [Fact]
    public void Channel_range_is_written_in_place_and_nothing_else_is()
    {
        Graph graph = SmallGraphs.Convolution(4, 3, 6);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var input = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        SmallGraphs.Fill(input.AsSpan<float>(), 1);
        float[] expected = Whole(processor, graph, input.AsSpan<float>().ToArray());

        var whole = new Tensor("y", ElementType.Float32, _square);
        using var output = new SharedBuffer(whole.SizeInBytes + 64);
        output.AsSpan<float>().Fill(-7);
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(input, 0, graph.Inputs[0], TensorRange.Whole)],
            [new TensorView(output, 64, whole, new TensorRange(1, 2, 5))]);
        RunTiming timing = bound.Run();

        Span<float> written = output.AsSpan<float>()[16..];
        Assert.Equal(expected, written[(2 * 36)..(5 * 36)].ToArray());
        Assert.All(written[..(2 * 36)].ToArray(), value => Assert.Equal(-7, value));
        Assert.All(written[(5 * 36)..].ToArray(), value => Assert.Equal(-7, value));
        Assert.Equal((0, 0), (timing.GatherTicks, timing.ScatterTicks));
    }

    [Fact]
    public void Row_ranges_are_gathered_and_scattered()
    {
        var wholeInput = new Tensor("in", ElementType.Float32, new Shape(1, 8, 10, 6));
        var wholeOutput = new Tensor("out", ElementType.Float32, new Shape(1, 8, 12, 6));
        Graph graph = SmallGraphs.Unary("Neg", new Shape(1, 8, 4, 6));
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var input = new SharedBuffer(wholeInput.SizeInBytes);
        using var output = new SharedBuffer(wholeOutput.SizeInBytes);
        SmallGraphs.Fill(input.AsSpan<float>(), 2);
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(input, 0, wholeInput, new TensorRange(2, 5, 9))],
            [new TensorView(output, 0, wholeOutput, new TensorRange(2, 7, 11))]);
        bound.Run();

        for (int channel = 0; channel < 8; channel++)
        {
            for (int row = 0; row < 12; row++)
            {
                for (int column = 0; column < 6; column++)
                {
                    bool inside = row is >= 7 and < 11;
                    float expected = inside ? -input.AsSpan<float>()[(channel * 10 + row - 2) * 6 + column] : 0;
                    Assert.Equal(expected, output.AsSpan<float>()[(channel * 12 + row) * 6 + column]);
                }
            }
        }
    }

    [Fact]
    public void Output_on_the_memory_of_an_input_is_right()
    {
        Graph graph = SmallGraphs.Convolution(8, 8, 6);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var memory = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        SmallGraphs.Fill(memory.AsSpan<float>(), 3);
        float[] expected = Whole(processor, graph, memory.AsSpan<float>().ToArray());
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(memory, 0, graph.Inputs[0], TensorRange.Whole)],
            [new TensorView(memory, 0, graph.Outputs[0], TensorRange.Whole)]);
        bound.Run();
        Assert.Equal(expected, memory.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Slice_without_operators_passes_its_input_on()
    {
        Graph graph = SmallGraphs.Of(_square, ["x"], []);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        float[] input = new float[_square.ElementCount];
        SmallGraphs.Fill(input, 4);
        Assert.Equal(input, Whole(processor, graph, input));
    }

    [Fact]
    public void Output_that_is_an_input_a_constant_or_wanted_twice_is_written()
    {
        Constant constant = SmallGraphs.Weights("k", new Shape(2, 3));
        Graph graph = SmallGraphs.Of(
            _square, ["x", "y", "k", "y"], [new Operator("neg", "Neg", ["x"], ["y"])], constant);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var input = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        SmallGraphs.Fill(input.AsSpan<float>(), 5);
        SharedBuffer[] outputs = [.. graph.Outputs.Select(output => new SharedBuffer(output.SizeInBytes))];
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(input, 0, graph.Inputs[0], TensorRange.Whole)],
            [.. outputs.Zip(graph.Outputs, (buffer, output) => new TensorView(buffer, 0, output, TensorRange.Whole))]);
        bound.Run();

        float[] x = input.AsSpan<float>().ToArray();
        float[] y = [.. x.Select(value => -value)];
        Assert.Equal(x, outputs[0].AsSpan<float>().ToArray());
        Assert.Equal(y, outputs[1].AsSpan<float>().ToArray());
        Assert.Equal(constant.AsSpan<float>().ToArray(), outputs[2].AsSpan<float>().ToArray());
        Assert.Equal(y, outputs[3].AsSpan<float>().ToArray());
        Array.ForEach(outputs, buffer => buffer.Dispose());
    }

    [Fact]
    public void Half_precision_slice_reads_and_writes_half_precision()
    {
        Graph graph = SmallGraphs.Unary("Relu", new Shape(1, 4), ElementType.Float16);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var input = new SharedBuffer(8);
        using var output = new SharedBuffer(8);
        Half[] values = [(Half)(-2), (Half)0.5, (Half)(-0.25), (Half)3];
        values.CopyTo(input.AsSpan<Half>());
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            [new TensorView(input, 0, graph.Inputs[0], TensorRange.Whole)],
            [new TensorView(output, 0, graph.Outputs[0], TensorRange.Whole)]);
        bound.Run();
        Assert.Equal([(Half)0, (Half)0.5, (Half)0, (Half)3], output.AsSpan<Half>().ToArray());
    }

    [Fact]
    public void Operator_that_the_library_lacks_is_refused_by_name()
    {
        Operator convolution = new("conv64", "Conv", ["x", "w"], ["y"]);
        Constant weights = Constant.Of<double>("w", ElementType.Float64, new Shape(1, 1, 1, 1), [1]);
        Graph graph = new(
            "double", new Dictionary<string, int> { [""] = 13 }, [new Tensor("x", ElementType.Float64, new Shape(1, 1, 4, 4))],
            ["z"], [convolution, new Operator("relu64", "Relu", ["y"], ["z"])], [weights]);
        using var processor = new OrtProcessor(new OrtProcessorOptions { Name = "cpu" });
        var refusal = Assert.Throws<SliceRefusedException>(() => processor.Compile(graph));
        Assert.Equal("conv64", refusal.Operator?.Name);
        Assert.Contains("'cpu'", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void View_that_does_not_fit_is_refused()
    {
        Graph graph = SmallGraphs.Unary("Relu", _square);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var memory = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        using ICompiledSlice slice = processor.Compile(graph);
        var whole = new TensorView(memory, 0, graph.Inputs[0], TensorRange.Whole);
        var part = new TensorView(memory, 0, graph.Inputs[0], new TensorRange(1, 0, 4));
        Assert.Throws<ArgumentException>(() => slice.Bind([part], [whole]));
        Assert.Throws<ArgumentException>(() => slice.Bind([whole], []));
    }

    private static float[] Whole(OrtProcessor processor, Graph graph, float[] elements) =>
        SliceRunner.Run(processor, graph, [elements]).Single();
}
