using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Convolutions with weights in images, against those with weights in buffers.</summary>
public sealed class ImageConvolutionTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const double ImageTolerance = 1e-4;
    private const string Prefix = "image ";

    public static TheoryData<string> Shapes => [.. Convolutions.Keys];

    private static readonly Dictionary<string, NaiveConvolution> Convolutions = new()
    {
        ["1x1"] = new() { Inputs = 17, Outputs = 21, Rows = 7, Columns = 9, Kernel = (1, 1) },
        ["1x1 of stride 2 in a batch"] = new() { Batch = 2, Inputs = 5, Outputs = 8, Rows = 9, Columns = 8, Kernel = (1, 1), Strides = (2, 2) },
        ["1x1 with padding"] = new() { Inputs = 5, Outputs = 12, Rows = 6, Columns = 5, Kernel = (1, 1), Pads = [1, 2, 0, 1] },
        ["3x3"] = new() { Inputs = 6, Outputs = 13, Rows = 11, Columns = 20, Pads = [1, 1, 1, 1] },
        ["3x3 of few channels"] = new() { Inputs = 3, Outputs = 2, Rows = 8, Columns = 6 },
        ["3x3 of stride 2, dilated, in a batch"] = new()
        {
            Batch = 2,
            Inputs = 4,
            Outputs = 9,
            Rows = 13,
            Columns = 12,
            Strides = (2, 1),
            Dilations = (1, 2),
            Pads = [0, 2, 1, 1],
        },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Images_of_weights_equal_buffers(string shape)
    {
        OpenClProcessor processor = Fixture.GpuForm;
        Assert.SkipWhen(processor.Device.MaxImageWidth == 0, "the device has no images");
        Graph graph = Convolutions[shape].Graph;
        float[][] inputs = GraphSketch.Values(graph);
        TunableKernel kernels = Assert.Single(processor.TunableKernels(graph));
        string[] images = [.. kernels.Variants.Where(IsImage)];
        Assert.NotEmpty(images);
        Assert.False(IsImage(kernels.Variants[0]));
        float[] buffer = SliceRunner.Run(processor, graph, inputs)[0];
        try
        {
            foreach (string variant in images)
            {
                processor.UseVariant(kernels.Class, variant);
                using var slice = (OpenClCompiledSlice)processor.Compile(graph);
                Assert.Equal("gpu_image", Assert.Single(slice.Program.Launches).Kernel);
                Compare.CloseToScale(buffer, SliceRunner.Run(processor, graph, inputs)[0], ImageTolerance);
            }
        }
        finally
        {
            processor.UseVariant(kernels.Class, null);
        }
    }

    [Fact]
    public void Weights_wider_than_an_image_stay_in_a_buffer()
    {
        OpenClProcessor processor = Fixture.GpuForm;
        int inputs = checked((int)(processor.Device.MaxImageWidth + 1));
        Graph graph = new GraphSketch().Input("x", 1, inputs, 2, 2).Weights("w", [8, inputs, 1, 1]).Op("Conv", "x w", "y").Build();
        Assert.DoesNotContain(Assert.Single(processor.TunableKernels(graph)).Variants, IsImage);
    }

    [Fact]
    public void Images_are_no_first_guess() => Assert.True(
        GpuConvolutions.All.Take(GpuConvolutions.All.Count - GpuImageConvolution.Tiles.Count).All(a => !IsImage(a.Name)));

    private static bool IsImage(string variant) => variant.StartsWith(Prefix, StringComparison.Ordinal);
}
