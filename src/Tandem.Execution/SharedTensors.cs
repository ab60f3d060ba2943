using System.Collections;
using Tandem.Graphs;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>
/// The memory of the tensors that steps hand to each other. Two tensors share memory when every step that touches the first has
/// certainly ended before any step writes the second. A concatenation that no step makes is made in place: its operands lie in its
/// memory (<see cref="Concatenation"/>). The network's inputs and outputs keep memory of their own; outputs that no
/// operator makes have theirs too, and where they are constants it holds their contents from the start.
/// </summary>
internal sealed class SharedTensors : IDisposable
{
    private readonly Dictionary<string, (SharedBuffer Buffer, long ByteOffset)> _byTensor = [];
    private readonly List<SharedBuffer> _buffers = [];

    private SharedTensors() { }

    /// <summary>Bytes allocated for all tensors.</summary>
    public long AllocatedBytes => _buffers.Sum(b => b.AllocatedBytes);

    /// <summary>Allocates memory for the tensors that the slices of a plan read and write, and for every output.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="slices">The slice of each step.</param>
    /// <param name="users">The processors of the steps, of which one may want the memory to be of its own; null for the host's.</param>
    public static SharedTensors Allocate(Graph graph, Plan plan, IReadOnlyList<Slice> slices, IEnumerable<IProcessor>? users = null)
    {
        List<Tenant> tenants = [];
        Dictionary<string, Tenant> byName = [];
        var inPlace = InPlaceTensors.Of(graph, slices);
        foreach (Step step in plan.Steps)
        {
            foreach ((Tensor tensor, bool writes) in Touched(slices[step.Id]))
            {
                Tensor owner = inPlace.OwnerOf(tensor);
                if (!byName.TryGetValue(owner.Name, out Tenant? tenant))
                {
                    byName[owner.Name] = tenant = new Tenant(owner);
                    tenants.Add(tenant);
                }
                tenant.Touchers.Add(step.Id);
                if (writes)
                {
                    tenant.Writers.Add(step.Id);
                }
            }
        }
        tenants.AddRange(graph.Outputs.DistinctBy(o => o.Name)
            .Where(o => graph.Producer(o.Name) is null && !byName.ContainsKey(o.Name)).Select(o => new Tenant(o)));
        HashSet<string> kept = [.. graph.Inputs.Concat(graph.Outputs).Select(t => t.Name)];
        SharedTensors placed = Place(tenants, kept, StepOrder.Ancestors(plan), [.. users ?? []]);
        foreach ((string tensor, string owner, long byteOffset) in inPlace.Placed)
        {
            placed._byTensor[tensor] = (placed._byTensor[owner].Buffer, byteOffset);
        }
        foreach (Constant constant in graph.Outputs.Select(o => graph.Constants.GetValueOrDefault(o.Name)).OfType<Constant>())
        {
            constant.Data.Span.CopyTo(placed._byTensor[constant.Tensor.Name].Buffer.AsSpan<byte>());
        }
        return placed;
    }

    /// <summary>A view of a range of a tensor.</summary>
    public TensorView View(SliceEnd end)
    {
        (SharedBuffer buffer, long byteOffset) = _byTensor[end.Tensor.Name];
        return new TensorView(buffer, byteOffset, end.Tensor, end.Range);
    }

    /// <summary>The memory of an input or output; null where no step touches it and it is no output.</summary>
    public SharedBuffer? Find(string tensor) => _byTensor.GetValueOrDefault(tensor).Buffer;

    private static IEnumerable<(Tensor Tensor, bool Writes)> Touched(Slice slice) =>
        slice.Inputs.Select(i => (i.Tensor, false)).Concat(slice.Outputs.Select(o => (o.Tensor, true)));

    private static SharedTensors Place(List<Tenant> tenants, HashSet<string> kept, BitArray[] ancestors, IProcessor[] users)
    {
        List<Room> rooms = [];
        foreach (Tenant tenant in tenants)
        {
            Room? room = kept.Contains(tenant.Tensor.Name)
                ? null
                : rooms.Where(r => !r.IsKept && r.IsFreeFor(tenant, ancestors))
                    .MinBy(r => Math.Abs(r.Bytes - tenant.Tensor.SizeInBytes));
            if (room is null)
            {
                room = new Room { IsKept = kept.Contains(tenant.Tensor.Name) };
                rooms.Add(room);
            }
            room.Tenants.Add(tenant);
        }
        var result = new SharedTensors();
        foreach (Room room in rooms)
        {
            var buffer = SharedBuffer.For(users, room.Bytes);
            result._buffers.Add(buffer);
            foreach (Tenant tenant in room.Tenants)
            {
                result._byTensor[tenant.Tensor.Name] = (buffer, 0);
            }
        }
        return result;
    }

    public void Dispose()
    {
        foreach (SharedBuffer buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private sealed class Tenant(Tensor tensor)
    {
        public Tensor Tensor => tensor;
        public List<int> Touchers { get; } = [];
        public List<int> Writers { get; } = [];
    }

    private sealed class Room
    {
        public List<Tenant> Tenants { get; } = [];
        public bool IsKept { get; init; }
        public long Bytes => Tenants.Max(t => t.Tensor.SizeInBytes);

        public bool IsFreeFor(Tenant next, BitArray[] ancestors) =>
            Tenants[^1].Touchers.All(toucher => next.Writers.All(writer => ancestors[writer][toucher]));
    }
}
