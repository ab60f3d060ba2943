using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Slices that store weights and tensors in half precision, by the kernels for GPUs on whatever device there is.</summary>
public sealed class HalfSliceTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const double OperatorTolerance = 1e-2;
    private const int Shapes = 2;

    public static TheoryData<string> Operators => [.. HalfOperators.Names];

    [Theory]
    [MemberData(nameof(Operators))]
    public void Operator_in_half_precision_is_near_the_reference(string name)
    {
        for (int seed = 0; seed < Shapes; seed++)
        {
            Graph graph = HalfOperators.Sketch(name, seed).Build();
            float[][] inputs = GraphSketch.Values(graph, seed);
            float[] expected = Assert.Single(SliceRunner.Run(Fixture.Reference, graph, inputs));
            float[] actual = Assert.Single(SliceRunner.Run(new HalfPrecisionProcessor(Fixture.GpuForm), graph, inputs));
            Compare.CloseToScale(expected, actual, OperatorTolerance);
        }
    }

    [Theory]
    [InlineData("squeezenet1.1")]
    [InlineData("mobilenetv2")]
    public void Network_in_half_precision_is_near_the_reference(string name)
    {
        Graph graph = GraphPreparation.Prepare(ModelZoo.Make(name, 64)).Graph;
        float[][] inputs = GraphSketch.Values(graph);
        float[] expected = Assert.Single(SliceRunner.Run(Fixture.Reference, graph, inputs));
        float[] single = Assert.Single(SliceRunner.Run(Fixture.GpuForm, graph, inputs));
        float[] half = Assert.Single(SliceRunner.Run(new HalfPrecisionProcessor(Fixture.GpuForm), graph, inputs));
        Compare.CloseToScale(expected, single, 1e-4);
        Compare.CloseToScale(expected, half, OperatorTolerance);
        Assert.NotEqual(single, half);
    }

    [Fact]
    public void Every_algorithm_of_convolutions_is_near_its_definition()
    {
        HashSet<string> run = [];
        NaiveConvolution[] convolutions =
        [
            new() { Batch = 2, Groups = 2, Inputs = 40, Outputs = 68, Rows = 9, Columns = 11, Pads = [1, 1, 1, 1] },
            new() { Inputs = 20, Outputs = 19, Rows = 9, Columns = 11, Pads = [1, 1, 1, 1] },
            new() { Groups = 12, Outputs = 12, Inputs = 12, Rows = 11, Columns = 9, Pads = [1, 0, 2, 1] },
        ];
        foreach (NaiveConvolution convolution in convolutions)
        {
            float[][] inputs = GraphSketch.Values(convolution.Graph);
            float[] expected = [.. convolution.Define(inputs[0], inputs[1]).Select(value => (float)value)];
            CheckVariants(convolution.Graph, inputs, expected, run);
        }
        Assert.Equal(["depthwise", "direct", "image", "tiled", "winograd2", "winograd4"], run.Order());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    public void Every_algorithm_of_products_is_near_the_reference(int rows)
    {
        HashSet<string> run = [];
        Graph constant = new GraphSketch().Input("x", rows, 70).Weights("w", [70, 37]).Weights("b", [37]).Op("Gemm", "x w b", "y").Build();
        Graph dynamic = new GraphSketch().Input("x", 2, rows, 70).Input("z", 2, 70, rows).Op("MatMul", "x z", "y").Build();
        foreach (Graph graph in new[] { constant, dynamic })
        {
            float[][] inputs = GraphSketch.Values(graph);
            CheckVariants(graph, inputs, SliceRunner.Run(Fixture.Reference, graph, inputs)[0], run);
        }
        Assert.Contains(rows == 2 ? "vector" : "tiled", run);
    }

    [Fact]
    public void Memory_of_weights_and_of_tensors_in_between_is_halved()
    {
        Graph graph = Chain();
        using var single = (OpenClCompiledSlice)Fixture.GpuForm.Compile(graph);
        using var half = (OpenClCompiledSlice)Fixture.GpuForm.CompileHalf(graph);
        Assert.Equal(sizeof(float), single.Program.ArenaElementBytes);
        Assert.Equal(2, half.Program.ArenaElementBytes);
        Assert.Equal(single.Program.Arena.ElementCount, half.Program.Arena.ElementCount);
        Assert.InRange(half.Constants.SizeInBytes, 1, 0.6 * single.Constants.SizeInBytes);
    }

    [Theory]
    [InlineData("convolution")]
    [InlineData("elementwise")]
    [InlineData("gemm")]
    [InlineData("normalization")]
    [InlineData("pooling")]
    [InlineData("gpu_direct")]
    [InlineData("gpu_image")]
    [InlineData("gpu_product")]
    [InlineData("gpu_vector")]
    [InlineData("gpu_winograd")]
    public void Kernels_that_gpus_use_know_half_precision(string file)
    {
        Assert.True(ProgramSources.KnowsHalfPrecision(file));
        Assert.False(ProgramSources.KnowsHalfPrecision("cpu_convolution"));
    }

    [Fact]
    public void Ends_of_the_slice_stay_in_single_precision()
    {
        using var slice = (OpenClCompiledSlice)Fixture.GpuForm.CompileHalf(Chain());
        IReadOnlyList<Launch> launches = slice.Program.Launches;
        Assert.EndsWith("-DHALF_W=1 -DREADS=1 -DHALF_Y=1", launches[0].Program.Options, StringComparison.Ordinal);
        Assert.EndsWith("-DHALF_W=1 -DREADS=2 -DHALF_X=1 -DHALF_Z=1", launches[1].Program.Options, StringComparison.Ordinal);
    }

    [Fact]
    public void Input_and_output_may_be_of_half_precision_themselves()
    {
        OpenClFixture.RequireDevice();
        Operator widen = Cast("x", "a", ElementType.Float32), narrow = Cast("b", "y", ElementType.Float16);
        Graph graph = new(
            "half", new Dictionary<string, int> { [""] = 13 }, [new Tensor("x", ElementType.Float16, new Shape(2, 3, 5))], ["y"],
            [widen, new Operator("neg", "Neg", ["a"], ["b"]), narrow], []);
        using var x = new SharedBuffer(60);
        using var y = new SharedBuffer(60);
        for (int i = 0; i < 30; i++)
        {
            x.AsSpan<Half>()[i] = (Half)(0.37f * i);
        }
        using ICompiledSlice slice = Fixture.GpuForm.CompileHalf(graph);
        using IBoundSlice bound = slice.Bind(SliceRunner.Views([x], graph.Inputs), SliceRunner.Views([y], graph.Outputs));
        bound.Run();
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(-x.AsSpan<Half>()[i], y.AsSpan<Half>()[i]);
        }
    }

    [Fact]
    public void Kernels_for_cpus_refuse_half_precision()
    {
        OpenClProcessor processor = Fixture.Processor;
        Assert.SkipUnless(processor.Device.IsCpuBacked, "the device is a GPU");
        Assert.False(processor.HasHalfPrecision);
        var refusal = Assert.Throws<SliceRefusedException>(() => processor.CompileHalf(Chain()));
        Assert.DoesNotContain('\n', refusal.Message);
        IProcessor reference = Fixture.Reference;
        Assert.False(reference.HasHalfPrecision);
        Assert.Throws<SliceRefusedException>(() => reference.CompileHalf(Chain()));
    }

    /// <summary>Runs the first variant of each algorithm.</summary>
    private void CheckVariants(Graph graph, float[][] inputs, float[] expected, HashSet<string> run)
    {
        TunableKernel kernels = Assert.Single(Fixture.GpuForm.TunableKernels(graph));
        try
        {
            foreach (string variant in kernels.Variants.DistinctBy(name => name.Split(' ')[0]))
            {
                Fixture.GpuForm.UseVariant(kernels.Class, variant);
                float[] actual = SliceRunner.Run(new HalfPrecisionProcessor(Fixture.GpuForm), graph, inputs)[0];
                Compare.CloseToScale(expected, actual, OperatorTolerance);
                run.Add(variant.Split(' ')[0]);
            }
        }
        finally
        {
            Fixture.GpuForm.UseVariant(kernels.Class, null);
        }
    }

    private static Graph Chain() => new GraphSketch().Input("x", 1, 64, 8, 8).Weights("w", [64, 64, 3, 3]).Weights("v", [64, 64, 1, 1])
        .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Relu", "c", "a")
        .Op("Conv", "a v", "d").Op("Add", "d a", "y").Build();

    private static Operator Cast(string from, string to, ElementType type) =>
        new($"cast {to}", "Cast", [from], [to], new Dictionary<string, AttributeValue> { ["to"] = new AttributeValue.Int((int)type) });

    /// <summary>A processor that compiles everything in half precision.</summary>
    private sealed class HalfPrecisionProcessor(IProcessor inner) : IProcessor
    {
        public ProcessorInfo Info => inner.Info;

        public void EnterWorkerThread() => inner.EnterWorkerThread();

        public ICompiledSlice Compile(Graph slice) => inner.CompileHalf(slice);

        public void Dispose()
        {
            // The fixture owns it.
        }
    }
}
