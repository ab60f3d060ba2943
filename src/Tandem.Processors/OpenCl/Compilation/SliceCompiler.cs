using System.Runtime.CompilerServices;
using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Processors.OpenCl.Convolutions.Gpu;
using Tandem.Processors.OpenCl.Memory;
using Tandem.Processors.OpenCl.Operators;
using Tandem.Processors.OpenCl.Programs;

namespace Tandem.Processors.OpenCl.Compilation;

/// <summary>Turns a slice into kernel launches. Operators add theirs through this.</summary>
internal sealed class SliceCompiler
{
    private readonly string _processor;
    private readonly Dictionary<string, TensorNode> _nodes = [];
    private readonly Dictionary<string, Constant> _computed = [];
    private readonly HashSet<Operator> _fused = [];
    private readonly Dictionary<Operator, Action> _postponed = [];
    private readonly List<Launch> _launches = [];

    internal SliceCompiler(string processor, Graph graph, OpenClDevice device, ConstantPool constants, KernelChoices choices)
    {
        _processor = processor;
        Graph = HasKnownOperators(graph) ? ConstantFolding.Fold(graph) : graph;
        Device = device;
        Constants = constants;
        Choices = choices;
        Tail = new OperatorTail(this);
    }

    internal Graph Graph { get; }

    internal OpenClDevice Device { get; }

    internal ConstantPool Constants { get; }

    /// <summary>Which variant kernels for GPUs are compiled to.</summary>
    internal KernelChoices Choices { get; }

    /// <summary>Finds what can be fused into an operator's kernel.</summary>
    internal OperatorTail Tail { get; }

    /// <summary>Compiles all operators.</summary>
    /// <exception cref="SliceRefusedException">An operator cannot be run.</exception>
    internal SliceProgram Compile()
    {
        MarkEnds();
        foreach (Operator op in Graph.Operators)
        {
            if (_postponed.Remove(op, out Action? emit))
            {
                emit();
            }
            else if (!_fused.Contains(op))
            {
                CheckTypes(op);
                OperatorLowerings.Find(op, this).Lower(op, this);
            }
        }
        TensorNode[] outputs = [.. Graph.Outputs.Select(OutputNode)];
        foreach (TensorNode node in _nodes.Values.Concat(outputs))
        {
            node.RequireOfParents();
        }
        TensorNode[] inputs = [.. Graph.Inputs.Select(input => Node(input.Name))];
        // Only now is known which tensors lie in ends of the slice.
        bool isHalf = Constants.HasHalfWeights;
        IReadOnlyList<Launch> launches = isHalf ? [.. _launches.Select(InHalfPrecision)] : _launches;
        return new SliceProgram(inputs, outputs, launches, ArenaPlan.Of(launches))
        {
            ArenaElementBytes = isHalf ? Unsafe.SizeOf<Half>() : sizeof(float),
        };
    }

    /// <summary>The tensor of this name.</summary>
    internal TensorNode Node(string name)
    {
        if (!_nodes.TryGetValue(name, out TensorNode? node))
        {
            node = new TensorNode(name, ShapeOf(name));
            if (TryConstant(name) is { } constant)
            {
                node.Storage = TensorStorage.Constant;
                node.IsConstant = true;
                node.Slot = AddConstant(constant);
            }
            _nodes.Add(name, node);
        }
        return node;
    }

    /// <summary>Memory that lives only as long as the launches that use it.</summary>
    internal TensorNode Scratch(params ReadOnlySpan<long> dimensions)
    {
        var node = new TensorNode($"scratch {_nodes.Count}", new Shape(dimensions));
        _nodes.Add(node.Name, node);
        return node;
    }

    /// <summary>The shape of a tensor.</summary>
    internal Shape ShapeOf(string name) => Graph.Tensors[name].Shape;

    /// <summary>The constant of this name, or null where the tensor changes from run to run.</summary>
    internal Constant? TryConstant(string name) =>
        Graph.Constants.GetValueOrDefault(name) ?? _computed.GetValueOrDefault(name);

    /// <summary>Makes a tensor a constant that an operator has computed.</summary>
    internal void SetConstant(string name, Constant constant) => _computed[name] = constant;

    /// <summary>The elements of an input that must be constant and of single precision.</summary>
    /// <exception cref="SliceRefusedException">It is not.</exception>
    internal float[] ConstantFloats(Operator op, int input)
    {
        Constant constant = RequireConstant(op, input);
        return constant.Tensor.Type == ElementType.Float32
            ? constant.AsSpan<float>().ToArray()
            : throw Refuse(op, $"input '{op.Inputs[input]}' is {constant.Tensor.Type}, and only Float32 is supported");
    }

    /// <summary>The elements of an input that must be constant and integer.</summary>
    /// <exception cref="SliceRefusedException">It is not.</exception>
    internal long[] ConstantInts(Operator op, int input)
    {
        Constant constant = RequireConstant(op, input);
        return constant.Tensor.Type switch
        {
            ElementType.Int64 => constant.AsSpan<long>().ToArray(),
            ElementType.Int32 => [.. constant.AsSpan<int>().ToArray().Select(v => (long)v)],
            _ => throw Refuse(op, $"input '{op.Inputs[input]}' is {constant.Tensor.Type}, not an integer type"),
        };
    }

    /// <summary>Adds a launch.</summary>
    /// <param name="launch">The launch.</param>
    /// <param name="writesPart">Whether it writes only a part of a tensor, of which others may change in every run.</param>
    internal void Add(Launch launch, bool writesPart = false)
    {
        foreach (TensorUse use in launch.Reads.Concat(launch.Writes))
        {
            use.Node.Require(use.Access);
        }
        bool constant = !writesPart && launch.Reads.All(use => use.Node.IsConstant)
            && launch.Writes.All(use => use.Node.Root.Storage == TensorStorage.Arena && use.Node.Parent is null);
        foreach (TensorUse use in launch.Writes)
        {
            use.Node.IsConstant = constant;
        }
        _launches.Add(launch with { IsConstant = constant });
    }

    /// <summary>Runs an action in place of the last operator that was fused, or now where there is none.</summary>
    internal void EmitAt(Operator last, Operator current, Action emit)
    {
        if (ReferenceEquals(last, current))
        {
            emit();
        }
        else
        {
            _postponed.Add(last, emit);
        }
    }

    /// <summary>Marks an operator as done by another one's kernel.</summary>
    internal void MarkFused(Operator op) => _fused.Add(op);

    /// <summary>Whether an operator is already done by another one's kernel.</summary>
    internal bool IsFused(Operator op) => _fused.Contains(op);

    /// <summary>Whether a tensor leaves the slice.</summary>
    internal bool IsOutput(string name) => Graph.Outputs.Any(output => output.Name == name);

    /// <summary>Gives a tensor the memory of another with the same elements, or copies it where it must have its own.</summary>
    internal void Alias(TensorNode from, TensorNode to)
    {
        if (to.IsFree)
        {
            to.MakeAliasOf(from);
            to.IsConstant = from.IsConstant;
        }
        else if (to.Parent is null && from.TryFree())
        {
            from.MakeAliasOf(to);
        }
        else
        {
            ElementwiseLaunch.CopyDense(this, from, to);
        }
    }

    /// <summary>The exception that refuses an operator.</summary>
    internal SliceRefusedException Refuse(Operator op, string reason) => new(_processor, op, reason);

    /// <summary>Whether an operator's value is known beforehand; slices of prepared networks have none.</summary>
    private static bool HasKnownOperators(Graph graph) => graph.Operators.Any(
        op => op.Type == "Shape" || op.Inputs.All(input => input.Length == 0 || graph.Constants.ContainsKey(input)));

    private ConstantSlot AddConstant(Constant constant) => constant.Tensor.Type == ElementType.Float32
        ? Constants.Add(constant.AsSpan<float>())
        : throw new SliceRefusedException(
            _processor, Graph, $"constant '{constant.Tensor.Name}' is {constant.Tensor.Type}, and only Float32 is supported");

    private Constant RequireConstant(Operator op, int input) =>
        TryConstant(op.Inputs[input])
        ?? throw Refuse(op, $"input '{op.Inputs[input]}' is computed at run time, but must be constant");

    private Launch InHalfPrecision(Launch launch) => ProgramSources.KnowsHalfPrecision(launch.Program.Name)
        ? launch.InHalfPrecision()
        : throw new SliceRefusedException(_processor, Graph, $"kernel '{launch.Kernel}' has no form in half precision");

    private void MarkEnds()
    {
        for (int i = 0; i < Graph.Inputs.Count; i++)
        {
            TensorNode input = Node(Graph.Inputs[i].Name);
            input.Storage = TensorStorage.Input;
            input.EndIndex = i;
            input.IsHalfEnd = Graph.Inputs[i].Type == ElementType.Float16;
        }
        for (int i = 0; i < Graph.Outputs.Count; i++)
        {
            if (Graph.Producer(Graph.Outputs[i].Name) is not null && !_nodes.ContainsKey(Graph.Outputs[i].Name))
            {
                TensorNode output = Node(Graph.Outputs[i].Name);
                output.Storage = TensorStorage.Output;
                output.EndIndex = i;
                output.IsHalfEnd = Graph.Outputs[i].Type == ElementType.Float16;
            }
        }
    }

    /// <summary>The tensor that an output of the slice is; a copy where an input, a constant or another output is passed on.</summary>
    private TensorNode OutputNode(Tensor output, int index)
    {
        TensorNode node = Node(output.Name);
        if (node.Storage == TensorStorage.Output && node.EndIndex == index && TryConstant(output.Name) is null)
        {
            return node;
        }
        TensorNode source = node;
        if (TryConstant(output.Name) is { } constant && node.Storage != TensorStorage.Constant)
        {
            source = Scratch([.. node.Shape]);
            source.Storage = TensorStorage.Constant;
            source.Slot = AddConstant(constant);
        }
        var copy = new TensorNode(output.Name, node.Shape)
        {
            Storage = TensorStorage.Output,
            EndIndex = index,
            IsHalfEnd = output.Type == ElementType.Float16,
        };
        ElementwiseLaunch.CopyDense(this, source, copy);
        return copy;
    }

    private void CheckTypes(Operator op)
    {
        foreach (string name in op.Outputs.Concat(op.Inputs).Where(name => name.Length > 0 && TryConstant(name) is null))
        {
            Tensor tensor = Graph.Tensors[name];
            bool isShape = op.Type is "Shape" or "Constant" or "ConstantOfShape";
            bool isHalfEnd = op.Type == "Cast" && tensor.Type == ElementType.Float16 && IsEnd(name);
            if (tensor.Type != ElementType.Float32 && !isShape && !isHalfEnd && IsUsed(op, name))
            {
                throw Refuse(op, $"tensor '{name}' is {tensor.Type}, and only Float32 is supported");
            }
            if (tensor.Shape.ElementCount is 0 or > int.MaxValue)
            {
                throw Refuse(op, $"tensor '{name}' has {tensor.Shape.ElementCount} elements");
            }
        }
    }

    private bool IsEnd(string name) =>
        IsOutput(name) && Graph.Consumers(name).Count == 0 || Graph.Inputs.Any(input => input.Name == name);

    private bool IsUsed(Operator op, string name) =>
        op.Inputs.Contains(name) || IsOutput(name) || Graph.Consumers(name).Count > 0;
}
