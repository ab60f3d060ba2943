using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Convolutions;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Convolutions by Winograd's F(4x4, 3x3) against the definition, summed in double precision.</summary>
public sealed class WinogradTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const int Cases = 25;

    /// <summary>Batch, channels in and out of a group, groups, rows, columns, pads; all large enough for Winograd to be chosen.</summary>
    private static readonly Gen<int[]> Forms =
        from channels in Gen.Choose(24, 50).Two()
        from extents in Gen.Choose(15, 40).Two()
        from pads in Gen.Choose(0, 3).ArrayOf(4)
        from groups in Gen.Elements(1, 1, 2)
        from batch in Gen.Elements(1, 1, 2)
        select new[]
        {
            batch, channels.Item1, channels.Item2, groups, extents.Item1, extents.Item2, pads[0], pads[1], pads[2], pads[3],
        };

    [Fact]
    public void Any_convolution_equals_definition()
    {
        OpenClFixture.RequireDevice();
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases), Prop.ForAll(Arb.From(Forms), CheckForm));
    }

    [Theory]
    [InlineData(1, 48, 64, 1, 30, 56, 1)]
    [InlineData(1, 32, 33, 1, 17, 300, 1)]
    [InlineData(1, 31, 50, 1, 70, 9, 5)]
    [InlineData(2, 20, 100, 2, 21, 14, 0)]
    [InlineData(1, 128, 17, 1, 13, 15, 1)]
    [InlineData(1, 150, 70, 1, 14, 14, 1)]
    [InlineData(1, 16, 16, 1, 400, 3, 2)]
    public void Convolution_of_partial_tiles_equals_definition(
        int batch, int inputs, int outputs, int groups, int rows, int columns, int pad)
    {
        OpenClFixture.RequireDevice();
        CheckForm([batch, inputs, outputs, groups, rows, columns, pad, pad, pad, pad]);
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("Elu")]
    public void Normalization_residual_and_activation_are_fused(string activation)
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 40, 22, 27).Input("z", 1, 70, 22, 27)
            .Weights("w", [70, 40, 3, 3]).Weights("g", [70]).Weights("b", [70]).Weights("m", [70]).Weights("v", [70], 0.5f, 2)
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 }))
            .Op("BatchNormalization", "c g b m v", "n").Op("Add", "n z", "s").Op(activation, "s", "y");
        Check(sketch);
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.Equal(WinogradConvolution.KernelName, Assert.Single(KernelNames(slice)));
    }

    [Fact]
    public void Batch_of_one_constant_image_equals_definition() => Check(
        new GraphSketch().Input("z", 1, 40, 20, 20).Weights("x", [1, 32, 20, 20]).Weights("w", [40, 32, 3, 3])
            .Op("Conv", "x w", "c", ("pads", new[] { 1, 1, 1, 1 })).Op("Add", "c z", "y"));

    [Theory]
    [InlineData(64, 64, 7, 3, 1, 1)]
    [InlineData(512, 512, 7, 3, 1, 1)]
    [InlineData(64, 64, 28, 3, 2, 1)]
    [InlineData(64, 64, 28, 3, 1, 2)]
    [InlineData(64, 64, 28, 5, 1, 1)]
    public void Convolution_that_gains_nothing_or_has_another_form_is_computed_directly(
        int inputs, int outputs, int size, int kernel, int stride, int dilation)
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, inputs, size, size).Weights("w", [outputs, inputs, kernel, kernel])
            .Op(
                "Conv", "x w", "y", ("pads", new[] { 1, 1, 1, 1 }), ("strides", new[] { stride, stride }),
                ("dilations", new[] { dilation, dilation }));
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        Assert.DoesNotContain(WinogradConvolution.KernelName, KernelNames(slice));
    }

    [Fact]
    public void Layers_one_after_the_other_share_memory()
    {
        long one = ArenaElements(3), many = ArenaElements(7);
        Assert.Equal(one, many);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(224, 224)]
    [InlineData(13, 900)]
    [InlineData(900, 13)]
    [InlineData(28, 28)]
    public void Chunks_and_blocks_cover_all_tiles(int rows, int columns)
    {
        for (int workers = 1; workers <= 8; workers *= 2)
        {
            var tiling = WinogradTiling.Of(new Plane(rows, columns), workers);
            Assert.InRange(tiling.ChunkTiles, 1, 64);
            Assert.True(tiling.Chunks * tiling.ChunkTiles >= tiling.Tiles);
            Assert.True(tiling.Rows * 4 >= rows && tiling.Columns * 4 >= columns);
            Assert.True(tiling.Block is >= 8 and <= 14 && tiling.Block % 2 == 0);
        }
    }

    private static IEnumerable<string> KernelNames(ICompiledSlice slice) =>
        ((OpenClCompiledSlice)slice).Program.Launches.Select(launch => launch.Kernel);

    private long ArenaElements(int layers)
    {
        GraphSketch sketch = new GraphSketch().Input("t0", 1, 32, 24, 24).Weights("w", [32, 32, 3, 3]);
        for (int i = 0; i < layers; i++)
        {
            sketch.Op("Conv", $"t{i} w", $"t{i + 1}", ("pads", new[] { 1, 1, 1, 1 }));
        }
        sketch.Op("Relu", $"t{layers}", "y");
        using ICompiledSlice slice = Fixture.Processor.Compile(sketch.Build());
        return ((OpenClCompiledSlice)slice).Program.Arena.ElementCount;
    }

    private void CheckForm(int[] f)
    {
        Graph graph = new GraphSketch().Input("x", f[0], f[1] * f[3], f[4], f[5])
            .Weights("w", [f[2] * f[3], f[1], 3, 3]).Weights("b", [f[2] * f[3]])
            .Op("Conv", "x w b", "y", ("group", f[3]), ("pads", f[6..10])).Build();
        float[][] inputs = GraphSketch.Values(graph);
        using (ICompiledSlice slice = Fixture.Processor.Compile(graph))
        {
            Assert.All(KernelNames(slice), name => Assert.Equal(WinogradConvolution.KernelName, name));
        }
        float[] actual = SliceRunner.Run(Fixture.Processor, graph, inputs)[0];
        Compare.CloseToScale(Define(graph, f, inputs[0]), actual, Tolerance);
    }

    /// <summary>The convolution by its definition, summed in double precision.</summary>
    private static float[] Define(Graph graph, int[] f, float[] x)
    {
        float[] w = graph.Constants["w"].AsSpan<float>().ToArray(), b = graph.Constants["b"].AsSpan<float>().ToArray();
        Shape output = graph.Tensors["y"].Shape;
        int outputs = (int)output[1], rows = (int)output[2], columns = (int)output[3];
        var y = new float[output.ElementCount];
        for (int i = 0; i < f[0] * outputs; i++)
        {
            int channel = i % outputs, group = channel / f[2];
            var sums = new double[rows * columns];
            Array.Fill(sums, b[channel]);
            for (int input = 0; input < f[1]; input++)
            {
                int plane = ((i / outputs * f[3] + group) * f[1] + input) * f[4] * f[5];
                AddPlane(sums, columns, x.AsSpan(plane, f[4] * f[5]), f, w.AsSpan((channel * f[1] + input) * 9, 9));
            }
            for (int p = 0; p < sums.Length; p++)
            {
                y[i * sums.Length + p] = (float)sums[p];
            }
        }
        return y;
    }

    private static void AddPlane(double[] sums, int columns, ReadOnlySpan<float> x, int[] f, ReadOnlySpan<float> w)
    {
        for (int p = 0; p < sums.Length; p++)
        {
            for (int k = 0; k < 9; k++)
            {
                int row = p / columns + k / 3 - f[6], column = p % columns + k % 3 - f[7];
                if (row >= 0 && row < f[4] && column >= 0 && column < f[5])
                {
                    sums[p] += (double)w[k] * x[row * f[5] + column];
                }
            }
        }
    }
}
