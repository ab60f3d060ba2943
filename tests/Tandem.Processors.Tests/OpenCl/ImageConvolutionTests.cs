using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Convolutions.Gpu;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Which convolutions have weights in images; what they compute is checked with all other variants (<see cref="KernelVariantTests"/>).</summary>
public sealed class ImageConvolutionTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    private const string Prefix = "image ";

    [Fact]
    public void Weights_are_an_image_only_in_variants_that_say_so()
    {
        OpenClProcessor processor = Fixture.GpuForm;
        Assert.SkipWhen(processor.Device.MaxImageWidth == 0, "the device has no images");
        Assert.All(ConvolutionCases.All.Where(c => c.Value is { Groups: 1, Kernel: (1, 1) or (3, 3) }), named =>
        {
            TunableKernel kernels = Assert.Single(processor.TunableKernels(named.Value.Graph));
            Assert.Contains(kernels.Variants, IsImage);
            Assert.False(IsImage(kernels.Variants[0]));
            Assert.All(kernels.Variants, variant => Assert.Equal(IsImage(variant), IsImageLaunched(processor, kernels.Class, variant, named.Value.Graph)));
        });
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

    private static bool IsImageLaunched(OpenClProcessor processor, string kernels, string variant, Graph graph)
    {
        processor.UseVariant(kernels, variant);
        try
        {
            using var slice = (OpenClCompiledSlice)processor.Compile(graph);
            return slice.Program.Launches.Any(launch => launch.Kernel == "gpu_image");
        }
        finally
        {
            processor.UseVariant(kernels, null);
        }
    }

    private static bool IsImage(string variant) => variant.StartsWith(Prefix, StringComparison.Ordinal);
}
