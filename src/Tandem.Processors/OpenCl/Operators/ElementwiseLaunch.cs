using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Launches of the kernels in elementwise.cl that walk up to six dimensions with any strides.</summary>
internal static class ElementwiseLaunch
{
    /// <summary>The program of elementwise kernels.</summary>
    internal static readonly ProgramKey Program = new("elementwise");

    /// <summary>The most dimensions that the kernels walk.</summary>
    internal const int MaxRank = 6;

    /// <summary>Refuses operators on tensors of too many dimensions.</summary>
    /// <exception cref="SliceRefusedException">The kernels cannot walk so many dimensions.</exception>
    internal static void CheckRank(Operator op, Shape shape, SliceCompiler compiler)
    {
        if (shape.Rank > MaxRank)
        {
            throw compiler.Refuse(op, $"tensors of {shape.Rank} dimensions are not supported, only of up to {MaxRank}");
        }
    }

    /// <summary>Copies the elements of a tensor to another, in order.</summary>
    internal static void CopyDense(SliceCompiler compiler, TensorNode from, TensorNode to)
    {
        if (from.Shape.Equals(to.Shape))
        {
            Copy(compiler, from, to, to.Shape, View.Of, View.Of);
        }
        else
        {
            Copy(compiler, from, to, new Shape(to.Shape.ElementCount), View.Flat, View.Flat);
        }
    }

    /// <summary>Copies elements: out[i] = in[i] for every index of a shape, in views of the two tensors.</summary>
    /// <param name="compiler">The compiler of the slice.</param>
    /// <param name="from">The tensor that is read.</param>
    /// <param name="to">The tensor that is written.</param>
    /// <param name="shape">The shape that is walked.</param>
    /// <param name="fromView">Strides of that shape within the tensor that is read.</param>
    /// <param name="toView">Strides of that shape within the tensor that is written.</param>
    /// <param name="writesPart">Whether only a part of the tensor is written.</param>
    internal static void Copy(
        SliceCompiler compiler,
        TensorNode from,
        TensorNode to,
        Shape shape,
        Func<Placement, View> fromView,
        Func<Placement, View> toView,
        bool writesPart = false)
    {
        TensorAccess access = from.Shape.Rank == shape.Rank && to.Shape.Rank == shape.Rank
            ? TensorAccess.Strided
            : TensorAccess.Dense;
        compiler.Add(
            new Launch(
                Program,
                "map",
                [new TensorUse(from, access)],
                [new TensorUse(to, access)],
                arguments => SetMap(
                    arguments, compiler.Device, shape, fromView(arguments.Place(from)), toView(arguments.Place(to)), 0)),
            writesPart);
    }

    /// <summary>Applies a function of one argument, numbered as in elementwise.cl.</summary>
    internal static void Map(SliceCompiler compiler, TensorNode x, TensorNode y, int function) => compiler.Add(new Launch(
        Program,
        "map",
        [TensorUse.Strided(x)],
        [TensorUse.Strided(y)],
        arguments => SetMap(
            arguments, compiler.Device, y.Shape, View.Of(arguments.Place(x)), View.Of(arguments.Place(y)), function)));

    /// <summary>Applies an activation.</summary>
    internal static void Activate(SliceCompiler compiler, TensorNode x, TensorNode y, Activation activation) =>
        compiler.Add(new Launch(
            Program,
            "map_activation",
            [TensorUse.Strided(x)],
            [TensorUse.Strided(y)],
            arguments =>
            {
                View vx = View.Of(arguments.Place(x)), vy = View.Of(arguments.Place(y));
                var walk = ElementwiseWalk.Of(y.Shape, vx.Strides, vy.Strides);
                vx.Set(arguments, walk.Strides[0]);
                vy.Set(arguments, walk.Strides[1]);
                walk.Set(arguments, compiler.Device);
                arguments.Activation(activation);
            }));

    /// <summary>Sets the arguments of the kernel that copies or applies a function of one argument.</summary>
    internal static void SetMap(LaunchArguments arguments, OpenClDevice device, Shape shape, View x, View y, int function)
    {
        var walk = ElementwiseWalk.Of(shape, x.Strides, y.Strides);
        x.Set(arguments, walk.Strides[0]);
        y.Set(arguments, walk.Strides[1]);
        walk.Set(arguments, device);
        arguments.Int(function);
    }
}

/// <summary>Memory as an elementwise kernel walks it.</summary>
/// <param name="Placement">Where the tensor lies.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Strides">Elements from one index to the next, for each axis that is walked; 0 where broadcast.</param>
internal sealed record View(Placement Placement, long Offset, long[] Strides)
{
    /// <summary>The whole tensor as it is.</summary>
    internal static View Of(Placement placement) => new(placement, placement.Offset, placement.Strides);

    /// <summary>The elements of a densely packed tensor, in order.</summary>
    internal static View Flat(Placement placement) => new(placement, placement.Offset, [1]);

    /// <summary>A tensor of one shape, broadcast to another as numpy does.</summary>
    internal static View Broadcast(Placement placement, Shape own, Shape to)
    {
        var strides = new long[to.Rank];
        int shift = to.Rank - own.Rank;
        for (int axis = 0; axis < own.Rank; axis++)
        {
            strides[axis + shift] = own[axis] == 1 ? 0 : placement.Strides[axis];
        }
        return new View(placement, placement.Offset, strides);
    }

    /// <summary>Sets memory, first element and collapsed strides.</summary>
    internal void Set(LaunchArguments arguments, long[] strides) =>
        arguments.Memory(Placement.Memory).Int(Offset).Vector(strides);
}
