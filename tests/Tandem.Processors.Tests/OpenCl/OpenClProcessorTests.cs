using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Programs;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

public sealed class OpenClProcessorTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const string GoodSource = "__kernel void f(__global float* x) { x[get_global_id(0)] = 1; }";

    [Fact]
    public void Info_tells_what_the_device_is()
    {
        ProcessorInfo info = Fixture.Processor.Info;
        Assert.Equal("gpu", info.Name);
        Assert.Equal("opencl", info.Engine);
        Assert.Equal(ProcessorKind.Gpu, info.Kind);
        Assert.Equal(Fixture.Processor.Device.IsCpuBacked, info.IsCpuBacked);
        Assert.Equal(info.IsCpuBacked, info.Cores.Count > 0);
        Assert.NotEqual("", info.Device);
    }

    [Fact]
    public void Devices_are_listed_best_first()
    {
        OpenClDeviceList list = OpenClDevice.Enumerate();
        Assert.Equal(list.Devices.Count == 0, list.ReasonForNone is not null);
        Assert.Equal(list.Devices.OrderBy(device => device.Type), list.Devices);
    }

    [Fact]
    public void Device_that_does_not_exist_is_told_in_one_line()
    {
        OpenClFixture.RequireDevice();
        var failure = Assert.Throws<ProcessorFailedException>(
            () => new OpenClProcessor(OpenClFixture.Options() with { Device = "no such device" }));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Contains("there are", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_cores_than_those_in_use_are_refused()
    {
        Assert.SkipUnless(Fixture.Processor.Device.IsCpuBacked, "the device has no cores to choose");
        int[] others = [.. Fixture.Processor.Info.Cores, 1000];
        Assert.Throws<ProcessorFailedException>(
            () => new OpenClProcessor(OpenClFixture.Options() with { Cores = others, Type = OpenClDeviceType.Cpu }));
    }

    [Fact]
    public void Worker_thread_is_pinned_to_the_cores_of_a_cpu_backed_device()
    {
        OpenClProcessor processor = Fixture.Processor;
        Assert.SkipUnless(processor.Device.IsCpuBacked && OperatingSystem.IsLinux(), "nothing is pinned here");
        IReadOnlyList<int> cores = [];
        var thread = new Thread(() =>
        {
            processor.EnterWorkerThread();
            cores = ThreadAffinity.Current();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(processor.Info.Cores, cores);
    }

    [Fact]
    public void Unknown_operator_is_refused_by_name()
    {
        var refusal = Assert.Throws<SliceRefusedException>(() => Fixture.Processor.Compile(
            new GraphSketch().Input("x", 3, 4).Op("Relu", "x", "a").Ints("i", 1, 0).Op("Gather", "a i", "y").Build()));
        Assert.Equal("Gather", refusal.Operator?.Type);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void Other_types_than_single_precision_are_refused()
    {
        var refusal = Assert.Throws<SliceRefusedException>(
            () => Fixture.Processor.Compile(SmallGraphs.Unary("Relu", new Shape(2, 3), ElementType.Float64)));
        Assert.Contains("Float64", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_an_input_are_refused()
    {
        Graph graph = new GraphSketch().Input("x", 1, 3, 4, 4).Input("w", 5, 3, 1, 1).Op("Conv", "x w", "y").Build();
        var refusal = Assert.Throws<SliceRefusedException>(() => Fixture.Processor.Compile(graph));
        Assert.Contains("must be constant", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Source_that_does_not_build_fails_in_one_line_that_says_what_to_do()
    {
        OpenClFixture.RequireDevice();
        var failure = Assert.Throws<ProcessorFailedException>(
            () => Fixture.Processor.Programs.Load("broken", "__kernel void f() { undeclared(; }", ""));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Contains("broken", failure.Message, StringComparison.Ordinal);
        Assert.Contains("update the driver", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Second_start_builds_nothing_and_a_damaged_file_is_built_again()
    {
        OpenClFixture.RequireDevice();
        string folder = Directory.CreateTempSubdirectory("tandem-").FullName;
        try
        {
            Assert.Equal(1, BuiltCount(folder));
            Assert.Equal(0, BuiltCount(folder));
            string file = Assert.Single(Directory.GetFiles(folder));
            byte[] bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 0x55;
            File.WriteAllBytes(file, bytes);
            Assert.Equal(1, BuiltCount(folder));
            File.WriteAllBytes(file, []);
            Assert.Equal(1, BuiltCount(folder));
            Assert.Equal(0, BuiltCount(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Cache_that_cannot_be_written_does_no_harm()
    {
        OpenClFixture.RequireDevice();
        string file = Path.GetTempFileName();
        try
        {
            Assert.Equal(1, BuiltCount(Path.Combine(file, "below")));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Run_allocates_no_managed_memory()
    {
        Graph graph = SmallGraphs.Convolution(16, 16, 12);
        using var x = new SharedBuffer(graph.Inputs[0].SizeInBytes);
        using var y = new SharedBuffer(graph.Outputs[0].SizeInBytes);
        using ICompiledSlice slice = Fixture.Processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(SliceRunner.Views([x], graph.Inputs), SliceRunner.Views([y], graph.Outputs));
        for (int i = 0; i < 50; i++)
        {
            bound.Run();
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
        {
            bound.Run();
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Time_of_a_run_is_told()
    {
        Graph graph = SmallGraphs.Sum(new Shape(1, 2, 3, 4));
        SharedBuffer[] buffers = [.. Enumerable.Range(0, 3).Select(_ => new SharedBuffer(1024))];
        using ICompiledSlice slice = Fixture.Processor.Compile(graph);
        using (IBoundSlice bound = slice.Bind(
            SliceRunner.Views(buffers[..2], graph.Inputs), SliceRunner.Views(buffers[2..], graph.Outputs)))
        {
            Assert.True(bound.Run().ComputeTicks > 0);
        }
        Array.ForEach(buffers, buffer => buffer.Dispose());
    }

    [Fact]
    public void Bound_slices_run_at_the_same_time_on_processors_of_their_own()
    {
        OpenClFixture.RequireDevice();
        Graph graph = SmallGraphs.Convolution(24, 40, 20);
        float[] expected = SliceRunner.Run(Fixture.Reference, graph, GraphSketch.Values(graph))[0];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, index =>
        {
            using OpenClProcessor? own = index % 2 == 0 ? new OpenClProcessor(OpenClFixture.Options()) : null;
            for (int i = 0; i < 5; i++)
            {
                float[] actual = SliceRunner.Run(own ?? Fixture.Processor, graph, GraphSketch.Values(graph))[0];
                Compare.CloseToScale(expected, actual, Tolerance);
            }
        });
    }

    [Fact]
    public void Slices_of_a_disposed_processor_cannot_be_compiled()
    {
        OpenClFixture.RequireDevice();
        var processor = new OpenClProcessor(OpenClFixture.Options());
        processor.Dispose();
        processor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => processor.Compile(SmallGraphs.Convolution(1, 1, 3)));
    }

    [Fact]
    public void Status_is_told_by_its_name()
    {
        var exception = new OpenClException("clFinish", -36);
        Assert.Contains("CL_INVALID_COMMAND_QUEUE", exception.Message, StringComparison.Ordinal);
        Assert.Equal(-36, exception.Status);
    }

    private int BuiltCount(string folder)
    {
        using var programs = new ProgramBuilder(Fixture.Processor.Context, new BinaryCache(folder));
        using ProgramHandle program = programs.Load("small", GoodSource, "");
        Assert.False(program.IsInvalid);
        return programs.BuiltCount;
    }
}
