using Tandem.Graphs;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>What a kernel needs of the memory layout of a tensor that it reads or writes, weakest first.</summary>
internal enum TensorAccess
{
    /// <summary>Any strides.</summary>
    Strided = 0,

    /// <summary>Any strides of batch and channel; each plane dense.</summary>
    Planes = 1,

    /// <summary>Densely packed in row-major order.</summary>
    Dense = 2,
}

/// <summary>Where the memory of a tensor that is no part of another comes from.</summary>
internal enum TensorStorage
{
    /// <summary>The slice's own memory, shared by tensors that do not live at the same time.</summary>
    Arena,

    /// <summary>An input of the slice.</summary>
    Input,

    /// <summary>An output of the slice.</summary>
    Output,

    /// <summary>A constant on the device.</summary>
    Constant,
}

/// <summary>
/// A tensor while its slice is compiled. It has memory of its own or is part of another tensor: a range of it along an axis
/// (concatenation, split) or the same elements under another shape.
/// </summary>
internal sealed class TensorNode(string name, Shape shape)
{
    internal string Name { get; } = name;

    internal Shape Shape { get; } = shape;

    internal TensorStorage Storage { get; set; } = TensorStorage.Arena;

    /// <summary>Whether an input or output of the slice is of half precision; kernels know others by the precision of the slice.</summary>
    internal bool IsHalfEnd { get; set; }

    /// <summary>Its place among the slice's inputs or outputs, where it is one.</summary>
    internal int EndIndex { get; set; } = -1;

    /// <summary>Where a constant lies.</summary>
    internal ConstantSlot Slot { get; set; }

    /// <summary>The tensor that this is part of; null where it has memory of its own.</summary>
    internal TensorNode? Parent { get; private set; }

    /// <summary>The axis of the parent that this is a range of; -1 where this is all of it under another shape.</summary>
    internal int ParentAxis { get; private set; } = -1;

    /// <summary>First index of the range on the parent's axis.</summary>
    internal long ParentFrom { get; private set; }

    /// <summary>What the kernels that use it need, with those that use parts of it once compiling is done.</summary>
    internal TensorAccess Access { get; private set; } = TensorAccess.Strided;

    /// <summary>Whether it holds the same values in every run.</summary>
    internal bool IsConstant { get; set; }

    /// <summary>The tensor whose memory this lies in.</summary>
    internal TensorNode Root => Parent?.Root ?? this;

    /// <summary>Whether it is stored in half precision, in a slice whose own memory is or is not.</summary>
    internal bool IsHalf(bool isHalfSlice) => Root.Storage switch
    {
        TensorStorage.Arena => isHalfSlice,
        TensorStorage.Constant => false,
        _ => Root.IsHalfEnd,
    };

    /// <summary>Whether it can become part of another tensor: it has memory of its own that nobody outside sees.</summary>
    internal bool IsFree => Parent is null && Storage == TensorStorage.Arena && !IsConstant;

    /// <summary>
    /// Turns a chain of other shapes of the same elements around, so that this has the memory and the others are aliases.
    /// </summary>
    /// <returns>Whether it can become part of another tensor now.</returns>
    internal bool TryFree()
    {
        if (Parent is null)
        {
            return IsFree;
        }
        TensorNode root = this;
        while (root.Parent is { } parent)
        {
            if (root.ParentAxis >= 0)
            {
                return false;
            }
            root = parent;
        }
        if (!root.IsFree)
        {
            return false;
        }
        Parent = null;
        root.MakeAliasOf(this);
        return IsFree;
    }

    internal void MakePartOf(TensorNode parent, int axis, long from)
    {
        Parent = parent;
        ParentAxis = axis;
        ParentFrom = from;
    }

    internal void MakeAliasOf(TensorNode parent) => MakePartOf(parent, -1, 0);

    internal void Require(TensorAccess access) => Access = access > Access ? access : Access;

    /// <summary>Passes what this needs on to the tensors that it is part of.</summary>
    internal void RequireOfParents()
    {
        TensorAccess access = Access;
        for (TensorNode node = this; node.Parent is { } parent; node = parent)
        {
            bool reshaped = node.ParentAxis < 0 && !node.Shape.Equals(parent.Shape);
            access = reshaped ? TensorAccess.Dense : access;
            parent.Require(access);
        }
    }
}
