using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;

namespace Tandem.Processors.OpenCl.Convolutions;

/// <summary>Convolutions whose kernel covers the whole input: products of a matrix and a vector.</summary>
internal sealed class FullConvolution : IConvolutionAlgorithm
{
    private const int RowsPerItem = 4;

    public string Name => "full";

    public bool Supports(ConvolutionCall call, OpenClDevice device) =>
        device.IsCpuBacked && call.Groups == 1 && call.Kernel == call.Input && call.Pad == default
        && call.Output == new Plane(1, 1);

    public void Emit(ConvolutionCall call, SliceCompiler compiler)
    {
        ConstantSlot weights = compiler.Constants.Add(call.Weights);
        ConstantSlot bias = compiler.Constants.Add(call.Bias);
        for (int image = 0; image < call.Batch; image++)
        {
            CpuConvolution.Add(compiler, new CpuConvolutionLaunch
            {
                Call = call,
                Kernel = "fc",
                Parameters = CpuConvolution.Describe(call) with { GroupIn = call.Depth, PerItem = 1 },
                Weights = weights,
                Bias = bias,
                Residual = call.Residual,
                Access = TensorAccess.Dense,
                Image = image,
                Grid = (Grids.Blocks(call.GroupOut, RowsPerItem), 1, 1),
            });
        }
    }
}
