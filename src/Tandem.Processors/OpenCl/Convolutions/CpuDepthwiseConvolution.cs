using System.Runtime.InteropServices;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>
/// Depthwise convolutions of square kernels with stride 1 or 2 on CPU-backed devices, read and written in place with masked
/// vectors of columns. A program is built for each size of kernel, stride and kind of activation.
/// </summary>
internal sealed class CpuDepthwiseConvolution : IConvolutionAlgorithm
{
    private const long OutputsPerItem = 16384;

    public string Name => "cpu-depthwise";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.GroupIn == 1 && call.Groups > 1
        && call.Kernel is { Rows: 3, Columns: 3 } or { Rows: 5, Columns: 5 }
        && call.Stride is { Rows: 1, Columns: 1 } or { Rows: 2, Columns: 2 }
        && call.Dilation == new Plane(1, 1);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = compiler.Constants.Add(call.Weights);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        var program = new ProgramKey(
            "cpu_depthwise",
            $"-DK={call.Kernel.Rows} -DS={call.Stride.Rows} -DACTIVATION={(int)call.Activation.Kind}");
        int channels = call.Groups * call.GroupOut, perItem = ChannelsPerItem(call, channels, compiler.Device.Workers);
        compiler.Add(new Launch(program, "depthwise", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.ConvolutionMemory(call, weights, bias).Structure(new CpuDepthwiseParameters
            {
                Input = PlacedPlanes.Of(arguments.Place(call.X)),
                Output = PlacedPlanes.Of(arguments.Place(call.Y)),
                Residual = PlacedPlanes.Of(arguments.Place(call.Residual ?? call.Y)),
                WeightOffset = weights.Offset,
                BiasOffset = bias.Offset,
                Channels = channels,
                Multiplier = call.GroupOut,
                ChannelsPerItem = perItem,
                Height = call.Input.Rows,
                Width = call.Input.Columns,
                OutHeight = call.Output.Rows,
                OutWidth = call.Output.Columns,
                PadRows = call.Pad.Rows,
                PadColumns = call.Pad.Columns,
                HasResidual = call.Residual is null ? 0 : 1,
                Activation = call.Activation,
            });
            arguments.SetGrid(Grids.Blocks(channels, perItem), call.Batch);
        }));
    }

    /// <summary>An even number, for two channels share vectors: enough for an item's overhead, fewer where workers lack items.</summary>
    private static int ChannelsPerItem(ConvolutionCall call, int channels, int workers)
    {
        long enough = Math.Max(1, OutputsPerItem / ((long)call.Output.Rows * call.Output.Columns));
        long fair = workers == 1 ? channels : Grids.Blocks(channels, 4L * workers);
        return (int)Grids.Blocks(Math.Min(enough, fair), 2) * 2;
    }
}

/// <summary>The structure Depthwise of cpu_depthwise.cl, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct CpuDepthwiseParameters
{
    public PlacedPlanes Input;
    public PlacedPlanes Output;
    public PlacedPlanes Residual;
    public int WeightOffset;
    public int BiasOffset;
    public int Channels;
    public int Multiplier;
    public int ChannelsPerItem;
    public int Height;
    public int Width;
    public int OutHeight;
    public int OutWidth;
    public int PadRows;
    public int PadColumns;
    public int HasResidual;
    public Activation Activation;
}
