using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Convolutions.Gpu;

/// <summary>Convolutions whose groups have one input channel each: a work-item makes some rows and columns of one channel.</summary>
internal sealed class GpuDepthwiseConvolution(DirectTile tile) : IConvolutionAlgorithm
{
    /// <summary>The tiles that are tried.</summary>
    internal static readonly IReadOnlyList<DirectTile> Tiles =
    [
        new(1, 1, 1, 16, 4),
        new(1, 1, 1, 32, 4),
        new(1, 1, 2, 8, 8),
        new(1, 2, 2, 8, 8),
        new(1, 4, 1, 32, 2),
        new(1, 4, 4, 8, 4),
    ];

    public string Name => $"depthwise {tile.Name}";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        !device.IsCpuBacked && call.GroupIn == 1 && call.Groups > 1 && tile.Fits(device);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = compiler.Constants.AddWeights(call.Weights);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        int channels = call.Groups * call.GroupOut;
        var program = new ProgramKey("gpu_direct", tile.Options);
        compiler.Add(new Launch(program, "gpu_depthwise", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                channels, call.GroupOut, call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            (long x, long y) = tile.Grid(call.Output);
            arguments.SetGrid(x, y, (long)call.Batch * channels);
            arguments.SetGroup(tile.GroupColumns, tile.GroupRows);
        }));
    }
}
