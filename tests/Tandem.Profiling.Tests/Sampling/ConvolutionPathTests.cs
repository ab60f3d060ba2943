using Tandem.Prediction.Kernels;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Profiling.Sampling;

namespace Tandem.Profiling.Tests.Sampling;

/// <summary>The predictor knows which algorithm the OpenCL kernels take: the rules that it repeats are those that are compiled.</summary>
public sealed class ConvolutionPathTests
{
    // Rules in which layouts or rare forms count are left out of the predictor's.
    private const double MostDiffering = 0.02;

    private static readonly Dictionary<string, ConvolutionPath> Paths = new()
    {
        ["conv_gemm"] = ConvolutionPath.Blocked,
        ["pointwise"] = ConvolutionPath.Pointwise,
        ["winograd4"] = ConvolutionPath.WinogradFour,
        ["winograd2"] = ConvolutionPath.WinogradTwo,
        ["conv_rows4"] = ConvolutionPath.FirstLayer,
        ["conv_direct1"] = ConvolutionPath.Rows,
        ["conv_direct1n"] = ConvolutionPath.Rows,
        ["conv_direct3"] = ConvolutionPath.Rows,
        ["conv_direct8"] = ConvolutionPath.Rows,
        ["fc"] = ConvolutionPath.Full,
        ["depthwise"] = ConvolutionPath.Depthwise,
        ["grouped_pointwise"] = ConvolutionPath.GroupedPointwise,
    };

    [Fact]
    public void Predicted_algorithms_are_those_that_opencl_compiles()
    {
        OpenClDeviceList devices = OpenClDevice.Enumerate();
        OpenClDevice? device = devices.Devices.FirstOrDefault(d => d.IsCpuBacked);
        Assert.SkipWhen(device is null, devices.ReasonForNone ?? "no OpenCL device of CPU cores");
        Assert.SkipWhen(device!.Workers != 1, "the predictor's rules are for one worker");
        using var context = new OpenClContext(device, new OpenClProcessorOptions().Sharing);
        HashSet<ConvolutionPath> seen = [];
        List<string> differing = [];
        DrawnKernel[] kernels =
        [
            .. DrawnKernel.Draw(11)
                .Where(k => k.HeldBytes < 1 << 25 && k.Configuration.Shape.Type.StartsWith("conv", StringComparison.Ordinal))
                .Take(250),
        ];
        foreach (DrawnKernel kernel in kernels)
        {
            ConvolutionPath predicted = ConvolutionPaths.Of(kernel.Configuration.Shape, ConvolutionEngine.OpenClOnCpu);
            string compiled = Compiled(kernel, device, context);
            seen.Add(predicted);
            if (Paths[compiled] != predicted)
            {
                differing.Add($"{compiled} and not {predicted}: {kernel.Configuration}");
            }
        }
        Assert.True(differing.Count <= MostDiffering * kernels.Length, $"{differing.Count}:\n{string.Join('\n', differing)}");
        Assert.InRange(seen.Count, 7, Paths.Count);
    }

    private static string Compiled(DrawnKernel kernel, OpenClDevice device, OpenClContext context)
    {
        Graphs.Graph graph = kernel.Build().Graph;
        using var constants = new ConstantPool(context, graph.Constants.Values.Sum(c => c.Tensor.Shape.ElementCount));
        return new SliceCompiler("gpu", graph, device, constants, new KernelChoices()).Compile().Launches
            .Select(launch => launch.Kernel).First(Paths.ContainsKey);
    }
}
