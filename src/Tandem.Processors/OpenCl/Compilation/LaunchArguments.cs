using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>Sets the arguments and the grid of one kernel object, each argument after the one before.</summary>
internal sealed unsafe class LaunchArguments(KernelHandle kernel, Func<TensorNode, Placement> place, ConstantPool constants)
{
    private uint _next;

    /// <summary>Work-items in each dimension.</summary>
    internal (long X, long Y, long Z) Grid { get; private set; } = (1, 1, 1);

    /// <summary>Work-items of a work-group in each dimension; null leaves it to the driver.</summary>
    internal (long X, long Y, long Z)? Group { get; private set; }

    /// <summary>Where a tensor lies.</summary>
    internal Placement Place(TensorNode node) => place(node);

    /// <summary>The memory and first element of a tensor.</summary>
    internal LaunchArguments Tensor(TensorNode node)
    {
        Placement placement = place(node);
        return Memory(placement.Memory).Int(placement.Offset);
    }

    /// <summary>The memory and first element of a tensor, and its strides of batch and channel.</summary>
    internal LaunchArguments Planes(TensorNode node)
    {
        Placement placement = place(node);
        return Memory(placement.Memory).Int(placement.Offset).Int(placement.BatchStride).Int(placement.ChannelStride);
    }

    /// <summary>As <see cref="Planes"/>; where there is no tensor, another's memory and a negative first element.</summary>
    internal LaunchArguments OptionalPlanes(TensorNode? node, TensorNode other) =>
        node is null ? Memory(place(other).Memory).Int(-1).Int(0).Int(0) : Planes(node);

    /// <summary>The memory and first element of a constant.</summary>
    internal LaunchArguments Constant(ConstantSlot slot) => Memory(constants[slot.Block]).Int(slot.Offset);

    /// <summary>A constant image.</summary>
    internal LaunchArguments Image(ImageSlot slot) => Memory(constants.Images[slot]);

    /// <summary>The memory of a constant, whose first element the kernel gets otherwise.</summary>
    internal LaunchArguments Block(ConstantSlot slot) => Memory(constants[slot.Block]);

    /// <summary>A memory object.</summary>
    internal LaunchArguments Memory(MemoryHandle memory)
    {
        if (memory is SvmMemoryHandle)
        {
            int status = OpenClNative.clSetKernelArgSVMPointer(kernel, _next++, (void*)memory.Raw);
            OpenClStatus.Check(status, "clSetKernelArgSVMPointer");
            return this;
        }
        nint raw = memory.Raw;
        Set((nuint)sizeof(nint), &raw);
        return this;
    }

    /// <summary>An integer.</summary>
    internal LaunchArguments Int(long value)
    {
        int narrow = checked((int)value);
        Set(sizeof(int), &narrow);
        return this;
    }

    /// <summary>Integers, each an argument of its own.</summary>
    internal LaunchArguments Ints(params ReadOnlySpan<long> values)
    {
        foreach (long value in values)
        {
            Int(value);
        }
        return this;
    }

    /// <summary>A vector of integers: as many as there are values, which OpenCL has a type for.</summary>
    internal LaunchArguments Vector(params ReadOnlySpan<long> values)
    {
        int* narrow = stackalloc int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            narrow[i] = checked((int)values[i]);
        }
        Set((nuint)(values.Length * sizeof(int)), narrow);
        return this;
    }

    /// <summary>A number.</summary>
    internal LaunchArguments Float(float value)
    {
        Set(sizeof(float), &value);
        return this;
    }

    /// <summary>A structure of integers and floats.</summary>
    internal LaunchArguments Structure<T>(T value) where T : unmanaged
    {
        Set((nuint)sizeof(T), &value);
        return this;
    }

    /// <summary>Memory that each work-group has for itself.</summary>
    internal LaunchArguments Local(long sizeInBytes)
    {
        Set((nuint)sizeInBytes, null);
        return this;
    }

    /// <summary>An activation and its two numbers.</summary>
    internal LaunchArguments Activation(Activation activation) =>
        Int((int)activation.Kind).Float(activation.A).Float(activation.B);

    /// <summary>How many work-items there are in each dimension.</summary>
    internal void SetGrid(long x, long y = 1, long z = 1) => Grid = (x, y, z);

    /// <summary>How many work-items a work-group has in each dimension.</summary>
    internal void SetGroup(long x, long y = 1, long z = 1) => Group = (x, y, z);

    private void Set(nuint size, void* value) =>
        OpenClStatus.Check(OpenClNative.clSetKernelArg(kernel, _next++, size, value), "clSetKernelArg");
}
