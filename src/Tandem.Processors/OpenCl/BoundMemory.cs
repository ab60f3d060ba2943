using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;
using Tandem.Processors.OpenCl.Interop;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.OpenCl;

/// <summary>
/// The memory of one bound slice: its ends, its arena, and staging memory for ends whose layout the kernels cannot use.
/// </summary>
internal sealed unsafe class BoundMemory : IDisposable
{
    private readonly OpenClContext _context;
    private readonly MemorySharing _sharing;
    private readonly SliceProgram _program;
    private readonly ConstantPool _constants;
    private readonly List<IBoundEnd> _inputs = [];
    private readonly List<IBoundEnd> _outputs = [];
    private readonly List<MemoryHandle> _staging = [];
    private readonly Dictionary<TensorNode, Placement> _roots = [];
    private MemoryHandle? _arena;

    internal BoundMemory(
        OpenClContext context,
        AttachedBuffers buffers,
        SliceProgram program,
        ConstantPool constants,
        QueueHandle queue,
        MemorySharing sharing,
        IReadOnlyList<TensorView> inputs,
        IReadOnlyList<TensorView> outputs)
    {
        _context = context;
        _sharing = sharing;
        _program = program;
        _constants = constants;
        try
        {
            if (program.Arena.ElementCount > 0)
            {
                _arena = context.Allocate(program.Arena.ElementCount * program.ArenaElementBytes);
            }
            QueueHandle? mapping = _sharing == MemorySharing.Coherent ? null : queue;
            for (int i = 0; i < inputs.Count; i++)
            {
                _inputs.Add(MakeEnd(buffers, inputs[i], mapping, true));
                Place(program.Inputs[i], inputs[i], _inputs[i].Placement, false, StagedInputs);
            }
            for (int i = 0; i < outputs.Count; i++)
            {
                bool overlaps = inputs.Any(input => Overlap(input, outputs[i]));
                _outputs.Add(MakeEnd(buffers, outputs[i], mapping, false));
                Place(program.Outputs[i], outputs[i], _outputs[i].Placement, overlaps, StagedOutputs);
            }
            HasTransfers = _inputs.Concat(_outputs).Any(end => end.IsTransferred);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The inputs of the slice that are copied before a run, with where they lie outside.</summary>
    internal List<(TensorNode Node, Placement Outside)> StagedInputs { get; } = [];

    /// <summary>The outputs of the slice that are copied after a run, with where they lie outside.</summary>
    internal List<(TensorNode Node, Placement Outside)> StagedOutputs { get; } = [];

    /// <summary>Whether anything is to be done at the ends of a run.</summary>
    internal bool HasTransfers { get; }

    /// <summary>Where a tensor lies.</summary>
    internal Placement Place(TensorNode node)
    {
        if (node.Parent is not { } parent)
        {
            return PlaceRoot(node);
        }
        Placement outer = Place(parent);
        return node.ParentAxis < 0
            ? node.Shape.Equals(parent.Shape) ? outer : outer with { Strides = Placement.StridesOf(node.Shape) }
            : outer with { Offset = outer.Offset + node.ParentFrom * outer.Strides[node.ParentAxis] };
    }

    /// <summary>Hands the ends over to the device.</summary>
    internal void ToDevice(QueueHandle queue)
    {
        foreach (IBoundEnd end in _inputs)
        {
            end.ToDevice(queue);
        }
        foreach (IBoundEnd end in _outputs)
        {
            end.ToDevice(queue);
        }
    }

    /// <summary>Hands the ends over to the host.</summary>
    internal void ToHost(QueueHandle queue)
    {
        foreach (IBoundEnd end in _outputs)
        {
            end.ToHost(queue);
        }
        foreach (IBoundEnd end in _inputs)
        {
            end.ToHost(queue);
        }
    }

    public void Dispose()
    {
        foreach (IBoundEnd end in _inputs.Concat(_outputs))
        {
            end.Dispose();
        }
        _inputs.Clear();
        _outputs.Clear();
        foreach (MemoryHandle memory in _staging)
        {
            memory.Dispose();
        }
        _arena?.Dispose();
        _arena = null;
    }

    private IBoundEnd MakeEnd(AttachedBuffers buffers, in TensorView view, QueueHandle? mapping, bool isInput) =>
        _sharing == MemorySharing.Copied ? new CopiedEnd(_context, view, isInput)
            : _sharing == MemorySharing.FineGrainedSvm && _context.CanAddress(view.Buffer) ? new SvmEnd(view)
            : new AttachedEnd(buffers, view, mapping, isInput);

    private void Place(
        TensorNode node, in TensorView view, Placement outside, bool overlaps, List<(TensorNode, Placement)> staged)
    {
        if (!overlaps && outside.Allows(node.Access, node.Shape))
        {
            _roots[node] = outside;
            return;
        }
        if (view.Tensor.Type != ElementType.Float32)
        {
            throw new ArgumentException($"the {view.Tensor.Type} views of '{node.Name}' and of another end overlap");
        }
        long count = view.Shape.ElementCount;
        MemoryHandle memory = _context.Allocate(count * sizeof(float));
        _staging.Add(memory);
        _roots[node] = Placement.Dense(memory, 0, node.Shape, count);
        staged.Add((node, outside));
    }

    private Placement PlaceRoot(TensorNode node)
    {
        if (_roots.TryGetValue(node, out Placement? placement))
        {
            return placement;
        }
        return node.Storage == TensorStorage.Constant
            ? Placement.Dense(
                _constants[node.Slot.Block], node.Slot.Offset, node.Shape, _constants.ElementCount(node.Slot.Block))
            : Placement.Dense(_arena!, _program.Arena.OffsetOf(node), node.Shape, _program.Arena.ElementCount);
    }

    private static bool Overlap(in TensorView a, in TensorView b) =>
        a.Buffer.Pointer + a.FirstPieceOffset < End(b) && b.Buffer.Pointer + b.FirstPieceOffset < End(a);

    private static byte* End(in TensorView view) =>
        view.Buffer.Pointer + view.FirstPieceOffset + (view.PieceCount - 1) * view.PieceStrideBytes + view.PieceBytes;
}
