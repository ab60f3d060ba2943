using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Functions of two arguments; numbered as in elementwise.cl.</summary>
internal enum BinaryFunction
{
    Add = 0,
    Subtract = 1,
    Multiply = 2,
    Divide = 3,
    Max = 4,
    Min = 5,
    Power = 6,
    PRelu = 7,
}

/// <summary>Arithmetic of two or more tensors with broadcasting.</summary>
internal sealed class BinaryLowering : IOperatorLowering
{
    /// <summary>Planes of fewer elements are not worth a work-item each, as a scale of channels gives them.</summary>
    private const int ShortPlane = 16;

    private static readonly Dictionary<string, BinaryFunction> Functions = new()
    {
        ["Add"] = BinaryFunction.Add,
        ["Sum"] = BinaryFunction.Add,
        ["Sub"] = BinaryFunction.Subtract,
        ["Mul"] = BinaryFunction.Multiply,
        ["Div"] = BinaryFunction.Divide,
        ["Max"] = BinaryFunction.Max,
        ["Min"] = BinaryFunction.Min,
        ["Pow"] = BinaryFunction.Power,
        ["PRelu"] = BinaryFunction.PRelu,
    };

    public IEnumerable<string> Types => Functions.Keys;

    public void Lower(Operator op, SliceCompiler compiler)
    {
        ElementwiseLaunch.CheckRank(op, compiler.ShapeOf(op.Outputs[0]), compiler);
        if (op.Attributes.ContainsKey("axis"))
        {
            throw compiler.Refuse(op, "broadcasting along an axis (before opset 7) is not supported");
        }
        if (TryChannelScale(op, compiler))
        {
            return;
        }
        FusedTail tail = compiler.Tail.Take(op, 0, TailKinds.Activation);
        TensorNode y = compiler.Node(tail.Output);
        TensorNode[] inputs = [.. op.Inputs.Select(compiler.Node)];
        compiler.EmitAt(tail.Last, op, () => EmitAll(compiler, inputs, y, Functions[op.Type], tail.Activation));
    }

    /// <summary>Adds the launch that combines two tensors.</summary>
    internal static void Emit(
        SliceCompiler compiler, TensorNode a, TensorNode b, TensorNode y, BinaryFunction function, Activation activation) =>
        compiler.Add(new Launch(
            ElementwiseLaunch.Program,
            "combine",
            [TensorUse.Strided(a), TensorUse.Strided(b)],
            [TensorUse.Strided(y)],
            arguments =>
        {
            var va = View.Broadcast(arguments.Place(a), a.Shape, y.Shape);
            var vb = View.Broadcast(arguments.Place(b), b.Shape, y.Shape);
            var vy = View.Of(arguments.Place(y));
            var walk = ElementwiseWalk.Of(y.Shape, va.Strides, vb.Strides, vy.Strides);
            va.Set(arguments, walk.Strides[0]);
            vb.Set(arguments, walk.Strides[1]);
            vy.Set(arguments, walk.Strides[2]);
            walk.Set(arguments, compiler.Device);
            arguments.Int((int)function).Activation(activation);
        }));

    /// <summary>A factor or term for each channel is a scale of channels, which more can be folded into.</summary>
    private static bool TryChannelScale(Operator op, SliceCompiler compiler)
    {
        if (op.Type is not ("Mul" or "Div" or "Add" or "Sub"))
        {
            return false;
        }
        string? changing = op.Inputs.FirstOrDefault(input => compiler.TryConstant(input) is null);
        if (changing is null || compiler.ShapeOf(changing).Rank < 3
            || !compiler.ShapeOf(changing).Equals(compiler.ShapeOf(op.Outputs[0]))
            || ChannelScale.TryRead(op, changing, 1, compiler) is not { } scale)
        {
            return false;
        }
        Shape shape = compiler.ShapeOf(changing);
        if (compiler.Device.IsCpuBacked && shape.Product(2, shape.Rank) < ShortPlane)
        {
            return false;
        }
        ChannelScaleLowering.Lower(op, changing, scale, compiler);
        return true;
    }

    private static void EmitAll(
        SliceCompiler compiler, TensorNode[] inputs, TensorNode y, BinaryFunction function, Activation activation)
    {
        if (inputs.Length == 1)
        {
            ElementwiseLaunch.Activate(compiler, inputs[0], y, activation);
            return;
        }
        TensorNode sum = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
        {
            bool last = i == inputs.Length - 1;
            TensorNode to = last ? y : compiler.Scratch([.. y.Shape]);
            Emit(compiler, sum, inputs[i], to, function, last ? activation : Activation.None);
            sum = to;
        }
    }
}
