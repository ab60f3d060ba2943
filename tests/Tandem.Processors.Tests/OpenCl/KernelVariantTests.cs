using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Every variant of the kernels for GPUs, on whatever device there is, against the definition in double precision.</summary>
public sealed class KernelVariantTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    public static TheoryData<string> Convolutions => [.. ConvolutionCases.All.Keys];

    [Theory]
    [MemberData(nameof(Convolutions))]
    public void Every_variant_of_convolutions_equals_definition(string name)
    {
        NaiveConvolution convolution = ConvolutionCases.All[name];
        CheckAll(Fixture.GpuForm, convolution.Graph, values => convolution.Define(values[0], values[1]));
    }

    [Fact]
    public void Every_variant_is_one_of_some_convolution() => Assert.Equal(
        GpuConvolutions.All.Select(a => a.Name).Order(),
        ConvolutionCases.All.Values.SelectMany(c => Fixture.GpuForm.TunableKernels(c.Graph)).SelectMany(k => k.Variants).Distinct().Order());

    [Theory]
    [InlineData(1, 100, 37)]
    [InlineData(5, 33, 130)]
    [InlineData(70, 19, 66)]
    public void Every_variant_of_products_equals_definition(int rows, int depth, int columns)
    {
        OpenClProcessor processor = Fixture.GpuForm;
        Graph constant = new GraphSketch().Input("x", rows, depth).Weights("w", [columns, depth]).Weights("b", [columns])
            .Op("Gemm", "x w b", "g", ("transB", 1), ("alpha", 0.5f)).Op("Relu", "g", "y").Build();
        CheckAll(processor, constant, values => Product(values[0], 0, (depth, 1), Floats(constant, "w"), 0, (1, depth), rows, depth, columns)
            .Select((v, i) => Math.Max(0, 0.5 * v + Floats(constant, "b")[i % columns])));
        Graph dynamic = new GraphSketch().Input("x", 2, depth, rows).Input("z", 2, depth, columns)
            .Op("Transpose", "x", "t", ("perm", new[] { 0, 2, 1 })).Op("MatMul", "t z", "y").Build();
        CheckAll(processor, dynamic, values => Enumerable.Range(0, 2).SelectMany(i => Product(
            values[0], i * depth * rows, (1, rows), values[1], i * depth * columns, (columns, 1), rows, depth, columns)));
    }

    [Fact]
    public void Kernels_of_shapes_that_were_not_tuned_follow_the_nearest_class()
    {
        var choices = new KernelChoices();
        choices.Use(KernelClass.Of("conv", 64, 64, 3136), "b");
        choices.Use(KernelClass.Of("conv", 512, 512, 49), "c");
        choices.Use(KernelClass.Of("other", 64, 32, 3136), "a");
        string[] all = ["a", "b", "c"];
        Assert.Equal("b", choices.Choose(KernelClass.Of("conv", 64, 32, 3136), all, name => name));
        Assert.Equal("c", choices.Choose(KernelClass.Of("conv", 512, 300, 49), all, name => name));
        Assert.Equal("c", choices.Choose(KernelClass.Of("conv", 64, 32, 3136), ["a", "c"], name => name));
        Assert.Equal("a", choices.Choose(KernelClass.Of("third", 64, 32, 3136), all, name => name));
        choices.Use(KernelClass.Of("conv", 64, 64, 3136), null);
        Assert.Equal("c", choices.Choose(KernelClass.Of("conv", 64, 64, 3136), all, name => name));
    }

    [Theory]
    [InlineData("conv 3x3 stride 1x1", 1, 1, 1)]
    [InlineData("conv 3x3 stride 1x1", 49, 100, 50176)]
    public void Class_is_read_back_from_its_text(string family, long inputs, long outputs, long elements)
    {
        var kernels = KernelClass.Of(family, inputs, outputs, elements);
        Assert.True(KernelClass.TryParse(kernels.ToString(), out KernelClass? read));
        Assert.Equal(kernels, read);
        Assert.False(KernelClass.TryParse("conv 3x3;1;2", out _));
        Assert.False(KernelClass.TryParse("conv 3x3;1;2;x", out _));
    }

    [Fact]
    public void Device_of_cpu_cores_has_nothing_to_tune()
    {
        OpenClFixture.RequireDevice();
        Assert.Empty(Fixture.Processor.TunableKernels(new NaiveConvolution { Inputs = 20, Outputs = 30, Rows = 9, Columns = 9 }.Graph));
    }

    private static void CheckAll(OpenClProcessor processor, Graph graph, Func<float[][], IEnumerable<double>> define)
    {
        float[][] inputs = GraphSketch.Values(graph);
        float[] expected = [.. define(inputs).Select(value => (float)value)];
        TunableKernel kernels = Assert.Single(processor.TunableKernels(graph));
        Assert.True(kernels.Variants.Count > 1);
        HashSet<string> forms = [];
        try
        {
            foreach (string variant in kernels.Variants)
            {
                processor.UseVariant(kernels.Class, variant);
                using (ICompiledSlice slice = processor.Compile(graph))
                {
                    forms.Add(string.Join('|', ((OpenClCompiledSlice)slice).Program.Launches.Select(FormOf)));
                }
                Compare.CloseToScale(expected, SliceRunner.Run(processor, graph, inputs)[0], Tolerance);
            }
        }
        finally
        {
            processor.UseVariant(kernels.Class, null);
        }
        // Depthwise tiles that differ in work-groups only have one program.
        Assert.InRange(forms.Count, kernels.Variants.Count - 1, kernels.Variants.Count);
    }

    private static string FormOf(Launch launch) => $"{launch.Program.Name} {launch.Program.Options} {launch.Kernel}";

    private static float[] Floats(Graph graph, string constant) => graph.Constants[constant].AsSpan<float>().ToArray();

    private static IEnumerable<double> Product(
        float[] a, int aFirst, (int Row, int Depth) aStride, float[] b, int bFirst, (int Depth, int Column) bStride, int rows, int depth, int columns)
    {
        for (int i = 0; i < rows * columns; i++)
        {
            double sum = 0;
            for (int k = 0; k < depth; k++)
            {
                sum += (double)a[aFirst + i / columns * aStride.Row + k * aStride.Depth]
                    * b[bFirst + k * bStride.Depth + i % columns * bStride.Column];
            }
            yield return sum;
        }
    }
}
