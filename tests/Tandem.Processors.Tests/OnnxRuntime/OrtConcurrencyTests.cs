using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Processors.Tests.OnnxRuntime;

/// <summary>Many runs: without allocation, by several threads, and in any order of disposal.</summary>
public sealed class OrtConcurrencyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_allocates_no_managed_memory(bool rows)
    {
        Shape part = new(1, 4, 5, 7);
        Shape whole = rows ? new Shape(1, 4, 9, 7) : new Shape(1, 8, 5, 7);
        TensorRange range = rows ? new TensorRange(2, 3, 8) : new TensorRange(1, 3, 7);
        var tensor = new Tensor("t", ElementType.Float32, whole);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        using var input = new SharedBuffer(tensor.SizeInBytes);
        using var output = new SharedBuffer(tensor.SizeInBytes);
        using ICompiledSlice slice = processor.Compile(SmallGraphs.Unary("Relu", part));
        using IBoundSlice bound = slice.Bind([new TensorView(input, 0, tensor, range)], [new TensorView(output, 0, tensor, range)]);
        for (int i = 0; i < 200; i++)
        {
            bound.Run();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            bound.Run();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bound_slices_run_at_the_same_time(int threadsOfProcessor)
    {
        const int Workers = 4;
        Graph graph = SmallGraphs.Convolution(8, 8, 16);
        using var processor = new OrtProcessor(new OrtProcessorOptions { Threads = threadsOfProcessor });
        using ICompiledSlice shared = processor.Compile(graph);
        float[][] inputs = [.. Enumerable.Range(0, Workers).Select(worker =>
        {
            float[] elements = new float[graph.Inputs[0].Shape.ElementCount];
            SmallGraphs.Fill(elements, 100 + worker);
            return elements;
        })];
        float[][] expected = [.. inputs.Select(input => SliceRunner.Run(processor, graph, [input]).Single())];

        Task[] tasks = [.. Enumerable.Range(0, Workers).Select(worker => Task.Factory.StartNew(
            () => RunMany(processor, shared, inputs[worker], expected[worker]),
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        await Task.WhenAll(tasks);
    }

    [Fact]
    public void Bound_slice_outlives_its_compiled_slice_and_processor()
    {
        Graph graph = SmallGraphs.Unary("Neg", new Shape(1, 3));
        var input = new SharedBuffer(12);
        var output = new SharedBuffer(12);
        input.AsSpan<float>()[2] = 5;
        var processor = new OrtProcessor(new OrtProcessorOptions());
        ICompiledSlice slice = processor.Compile(graph);
        IBoundSlice bound = slice.Bind(
            SliceRunner.Views([input], graph.Inputs), SliceRunner.Views([output], graph.Outputs));
        slice.Dispose();
        slice.Dispose();
        processor.Dispose();
        bound.Run();
        Assert.Equal(-5, output.AsSpan<float>()[2]);
        bound.Dispose();
        bound.Dispose();
        Assert.Throws<ObjectDisposedException>(() => bound.Run());
        Assert.Throws<ObjectDisposedException>(() => processor.Compile(graph));
        Assert.Throws<ObjectDisposedException>(() => slice.Bind(
            SliceRunner.Views([input], graph.Inputs), SliceRunner.Views([output], graph.Outputs)));
        input.Dispose();
        output.Dispose();
    }

    [Fact]
    public void Memory_lives_as_long_as_a_slice_is_bound_to_it()
    {
        Graph graph = SmallGraphs.Sum(new Shape(1, 64));
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        SharedBuffer[] read = [new(256), new(256)];
        using var written = new SharedBuffer(256);
        read[0].AsSpan<float>().Fill(1);
        read[1].AsSpan<float>().Fill(2);
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(
            SliceRunner.Views(read, graph.Inputs), SliceRunner.Views([written], graph.Outputs));
        Array.ForEach(read, buffer => buffer.Dispose());
        bound.Run();
        Assert.All(written.AsSpan<float>().ToArray(), value => Assert.Equal(3, value));
    }

    [Fact]
    public void Worker_thread_is_pinned_to_the_processors_cores()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells where a thread may run");
        IReadOnlyList<int>? pinned = null;
        int core = -1;
        var thread = new Thread(() =>
        {
            core = ThreadAffinity.Current()[^1];
            using var processor = new OrtProcessor(new OrtProcessorOptions { Cores = [core] });
            processor.EnterWorkerThread();
            pinned = ThreadAffinity.Current();
        });
        thread.Start();
        thread.Join();
        Assert.Equal([core], pinned);
    }

    [Fact]
    public void Several_pinned_threads_compute_the_same()
    {
        Graph graph = SmallGraphs.Convolution(16, 16, 24);
        float[] input = new float[graph.Inputs[0].Shape.ElementCount];
        SmallGraphs.Fill(input, 9);
        using var one = new OrtProcessor(new OrtProcessorOptions());
        using var ownCores = new OrtProcessor(new OrtProcessorOptions { Threads = 2, Cores = [0, 1] });
        using var sharedCores = new OrtProcessor(new OrtProcessorOptions { Threads = 3, Cores = [0, 1], AllowSpinning = false });
        float[] expected = SliceRunner.Run(one, graph, [input]).Single();
        Compare.CloseToScale(expected, SliceRunner.Run(ownCores, graph, [input]).Single(), 1e-6);
        Compare.CloseToScale(expected, SliceRunner.Run(sharedCores, graph, [input]).Single(), 1e-6);
    }

    private static void RunMany(OrtProcessor processor, ICompiledSlice slice, float[] input, float[] expected)
    {
        processor.EnterWorkerThread();
        using var read = new SharedBuffer(input.Length * sizeof(float));
        using var written = new SharedBuffer(expected.Length * sizeof(float));
        input.CopyTo(read.AsSpan<float>());
        using IBoundSlice bound = slice.Bind(
            SliceRunner.Views([read], slice.Graph.Inputs), SliceRunner.Views([written], slice.Graph.Outputs));
        for (int run = 0; run < 25; run++)
        {
            written.AsSpan<float>().Clear();
            bound.Run();
            Compare.CloseToScale(expected, written.AsSpan<float>(), 1e-6);
        }
    }
}
