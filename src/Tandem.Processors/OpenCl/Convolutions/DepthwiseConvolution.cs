using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>Convolutions whose groups have one input channel each.</summary>
internal sealed class DepthwiseConvolution : IConvolutionAlgorithm
{
    private const int RowsPerItemOnCpu = 16;

    public string Name => "depthwise";

    public bool Supports(ConvolutionCall call, OpenClDevice device) => call.GroupIn == 1 && call.Groups > 1;

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = compiler.Constants.AddWeights(call.Weights);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        int width = Grids.VectorWidth(compiler.Device);
        int rows = compiler.Device.IsCpuBacked ? RowsPerItemOnCpu : 1;
        int channels = call.Groups * call.GroupOut;
        compiler.Add(new Launch(
            DirectConvolution.Program, "depthwise_convolution", call.Reads, [TensorUse.Planes(call.Y)], arguments =>
        {
            arguments.Planes(call.X).Planes(call.Y).Constant(weights).Constant(bias).OptionalPlanes(call.Residual, call.X);
            arguments.Ints(
                channels, call.GroupOut, rows,
                call.Input.Rows, call.Input.Columns, call.Output.Rows, call.Output.Columns);
            arguments.Ints(call.Window).Activation(call.Activation);
            arguments.SetGrid(
                Grids.Blocks(call.Output.Columns, width), Grids.Blocks(call.Output.Rows, rows), (long)call.Batch * channels);
        }));
    }
}
