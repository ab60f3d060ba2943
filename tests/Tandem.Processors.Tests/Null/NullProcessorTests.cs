using Tandem.Graphs;
using Tandem.Processors.Null;

namespace Tandem.Processors.Tests.Null;

public sealed class NullProcessorTests
{
    private static readonly Tensor _tensor = new("x", ElementType.Float32, new Shape(1, 4));
    private static readonly RunTiming _timing = new(10, 200, 3);

    [Fact]
    public void Run_reports_the_set_timing_and_writes_nothing()
    {
        using var processor = new NullProcessor("null", graph => graph.Name == "slice" ? _timing : default);
        using var memory = new SharedBuffer(_tensor.SizeInBytes);
        using ICompiledSlice slice = processor.Compile(PassOn("slice"));
        using IBoundSlice bound = Bind(slice, memory);
        Assert.Equal(_timing, bound.Run());
        Assert.Equal([0f, 0f, 0f, 0f], memory.AsSpan<float>().ToArray());
        Assert.Equal(ProcessorKind.Null, processor.Info.Kind);
    }

    [Fact]
    public void Failure_is_injected_at_the_chosen_run()
    {
        using var processor = new NullProcessor("null", _ => _timing, (_, run) =>
        {
            if (run == 2)
            {
                throw new ProcessorFailedException("the device was lost");
            }
        });
        using var memory = new SharedBuffer(_tensor.SizeInBytes);
        using ICompiledSlice slice = processor.Compile(PassOn("slice"));
        using IBoundSlice first = Bind(slice, memory);
        using IBoundSlice second = Bind(slice, memory);
        first.Run();
        second.Run();
        Assert.Throws<ProcessorFailedException>(() => first.Run());
        Assert.Equal(_timing, second.Run());
    }

    [Fact]
    public void Runs_are_seen_in_their_order()
    {
        List<(string Slice, int Run)> seen = [];
        using var processor = new NullProcessor("null", _ => _timing, (graph, run) => seen.Add((graph.Name, run)));
        using var memory = new SharedBuffer(_tensor.SizeInBytes);
        using ICompiledSlice a = processor.Compile(PassOn("a"));
        using ICompiledSlice b = processor.Compile(PassOn("b"));
        using IBoundSlice boundA = Bind(a, memory);
        using IBoundSlice boundB = Bind(b, memory);
        boundA.Run();
        boundB.Run();
        boundA.Run();
        Assert.Equal([("a", 0), ("b", 0), ("a", 1)], seen);
    }

    [Fact]
    public void Refused_operator_is_named()
    {
        Operator refused = new("relu1", "Relu", ["x"], ["y"]);
        using var processor = new NullProcessor("null", _ => _timing, refuses: _ => refused);
        var refusal = Assert.Throws<SliceRefusedException>(() => processor.Compile(PassOn("slice")));
        Assert.Same(refused, refusal.Operator);
        Assert.Contains("relu1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaks_and_worker_threads_are_counted()
    {
        var processor = new NullProcessor("null", _ => _timing);
        using var memory = new SharedBuffer(_tensor.SizeInBytes);
        processor.EnterWorkerThread();
        ICompiledSlice slice = processor.Compile(PassOn("slice"));
        IBoundSlice bound = Bind(slice, memory);
        Assert.Equal((1, 1, 1), (processor.WorkerThreads, processor.LiveSlices, processor.LiveBindings));
        bound.Dispose();
        bound.Dispose();
        slice.Dispose();
        slice.Dispose();
        processor.Dispose();
        Assert.Equal((0, 0), (processor.LiveSlices, processor.LiveBindings));
        Assert.True(processor.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => bound.Run());
        Assert.Throws<ObjectDisposedException>(() => processor.Compile(PassOn("slice")));
    }

    [Fact]
    public void View_of_another_shape_is_refused()
    {
        using var processor = new NullProcessor("null", _ => _timing);
        using var memory = new SharedBuffer(1000);
        using ICompiledSlice slice = processor.Compile(PassOn("slice"));
        var view = new TensorView(memory, 0, new Tensor("x", ElementType.Float32, new Shape(1, 8)), TensorRange.Whole);
        Assert.Throws<ArgumentException>(() => slice.Bind([view], [view]));
        Assert.Throws<ArgumentException>(() => slice.Bind([], []));
        var outside = new TensorView(memory, 4096, _tensor, TensorRange.Whole);
        Assert.Throws<ArgumentException>(() => slice.Bind([outside], [outside]));
    }

    private static Graph PassOn(string name) =>
        new(name, new Dictionary<string, int> { [""] = 13 }, [_tensor], ["x"], [], []);

    private static IBoundSlice Bind(ICompiledSlice slice, SharedBuffer memory)
    {
        var view = new TensorView(memory, 0, _tensor, TensorRange.Whole);
        return slice.Bind([view], [view]);
    }
}
