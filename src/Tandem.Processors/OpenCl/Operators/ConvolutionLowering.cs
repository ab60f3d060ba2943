using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Convolutions;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Conv, and FusedConv of ONNX Runtime, with what follows them.</summary>
internal sealed class ConvolutionLowering : IOperatorLowering
{
    public IEnumerable<string> Types => ["Conv", "FusedConv"];

    public void Lower(Operator op, SliceCompiler compiler)
    {
        Shape input = compiler.ShapeOf(op.Inputs[0]);
        if (input.Rank is not (3 or 4))
        {
            throw compiler.Refuse(op, $"a convolution over {input.Rank - 2} axes is not supported, only over one or two");
        }
        Activation own = op.Type == "FusedConv" ? Activations.ReadFused(op, compiler) : Activation.None;
        bool ended = own.Kind != ActivationKind.None || op.HasInput(3);
        FusedTail tail = ended
            ? new FusedTail(op, op.Outputs[0], null, null, op.HasInput(3) ? op.Inputs[3] : null, own)
            : compiler.Tail.Take(op, 1, TailKinds.Scale | TailKinds.Residual);
        ConvolutionCall call = Read(op, tail, compiler);
        compiler.EmitAt(tail.Last, op, () =>
        {
            ConvolutionAlgorithms.Choose(call, compiler).Emit(call, compiler);
            // Launches refer to the call as long as the slice lives.
            call.Weights = [];
        });
    }

    private static ConvolutionCall Read(Operator op, FusedTail tail, SliceCompiler compiler)
    {
        TensorNode x = compiler.Node(op.Inputs[0]);
        TensorNode y = compiler.Node(tail.Output);
        var window = SlidingWindow.Of(op, compiler.Graph);
        int channels = (int)y.Shape[1];
        float[] bias = op.HasInput(2) ? compiler.ConstantFloats(op, 2) : new float[channels];
        return new ConvolutionCall
        {
            X = x,
            Y = y,
            Residual = tail.Residual is null ? null : compiler.Node(tail.Residual),
            Weights = FoldedWeights.Scale(compiler.ConstantFloats(op, 1), tail.Scale),
            Bias = FoldedWeights.Bias(bias, tail),
            Activation = tail.Activation,
            Input = Plane.Of(x.Shape),
            Output = Plane.Of(y.Shape),
            Kernel = Plane.Of(window.Kernel, 1),
            Stride = Plane.Of(window.Strides, 1),
            Dilation = Plane.Of(window.Dilations, 1),
            Pad = Plane.Of(window.PadsBegin, 0),
            Groups = (int)op.GetInt("group", 1),
        };
    }
}
