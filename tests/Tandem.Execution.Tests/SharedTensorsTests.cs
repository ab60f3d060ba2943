using FsCheck;
using FsCheck.Fluent;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.Null;
using Tandem.Tests;

namespace Tandem.Execution.Tests;

public sealed class SharedTensorsTests
{
    [Fact]
    public void Tensors_in_the_same_memory_never_live_at_the_same_time() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(60),
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), RequireApart));

    [Fact]
    public void Chain_on_one_processor_needs_two_buffers_between_its_ends()
    {
        Network network = RandomNetworks.Chain(10, 9);
        Plan plan = RandomPlans.Alternating(network, "one");
        Slice[] slices = [.. plan.Steps.Select(s => s.Slice.Cut(network))];
        using SharedTensors tensors = SharedTensors.Allocate(network.Graph, plan, slices);
        string[] inner = [.. slices.SelectMany(s => s.Outputs).Select(o => o.Tensor.Name).SkipLast(1)];
        Assert.True(inner.Length > 3);
        Assert.Equal(2, inner.Select(tensors.Find).Distinct().Count());
        Assert.Null(tensors.Find("no such tensor"));
    }

    [Fact]
    public void Memory_comes_from_the_processor_that_wants_its_own()
    {
        Network network = RandomNetworks.Chain(4, 9);
        Plan plan = RandomPlans.Alternating(network, "one");
        Slice[] slices = [.. plan.Steps.Select(s => s.Slice.Cut(network))];
        using var host = new NullProcessor("host", _ => default);
        using var device = new AllocatingProcessor();
        using (SharedTensors tensors = SharedTensors.Allocate(network.Graph, plan, slices, [host, device]))
        {
            Assert.Same(device.Allocated[0], tensors.Find(slices[0].Inputs[0].Tensor.Name));
            Assert.Equal(device.Allocated.Sum(b => b.AllocatedBytes), tensors.AllocatedBytes);
        }
        Assert.All(device.Allocated, buffer => Assert.True(buffer.IsClosed));
    }

    private static void RequireApart(int seed)
    {
        Network network = RandomNetworks.Any(seed);
        Plan plan = RandomPlans.Make(network, seed, "a", "b", "c");
        Slice[] slices = [.. plan.Steps.Select(s => s.Slice.Cut(network))];
        using SharedTensors tensors = SharedTensors.Allocate(network.Graph, plan, slices);
        bool[,] isBefore = Before(plan);
        Tensor[] all = [.. slices.SelectMany(s => s.Inputs.Concat(s.Outputs)).Select(e => e.Tensor).DistinctBy(t => t.Name)];
        Assert.All(all, t => Assert.True(tensors.Find(t.Name)!.AllocatedBytes >= t.SizeInBytes));
        string[] kept = [.. network.Graph.Inputs.Concat(network.Graph.Outputs).Select(t => t.Name)];
        foreach ((Tensor a, Tensor b) in all.SelectMany((a, i) => all.Skip(i + 1).Select(b => (a, b))))
        {
            if (Overlap(tensors.View(new SliceEnd(a, TensorRange.Whole)), tensors.View(new SliceEnd(b, TensorRange.Whole)))
                && !LiesIn(a.Name, b.Name) && !LiesIn(b.Name, a.Name))
            {
                Assert.DoesNotContain(a.Name, kept);
                Assert.DoesNotContain(b.Name, kept);
                Assert.True(Ends(a, b) || Ends(b, a), $"{a} and {b} share memory");
            }
        }

        // Whether the first is an operand of the second, or of an operand of it, and no step makes the second.
        bool LiesIn(string first, string second) => !slices.Any(s => s.Outputs.Any(o => o.Tensor.Name == second))
            && Concatenation.Of(network.Graph, second) is { } place
            && place.Operands.Any(operand => operand.Tensor.Name == first || LiesIn(first, operand.Tensor.Name));

        // Whether every step that touches the first has ended before any that writes the second begins.
        bool Ends(Tensor first, Tensor second) => Touching(first, true).All(
            touching => Touching(second, false).All(writing => isBefore[touching, writing]));

        IEnumerable<int> Touching(Tensor tensor, bool alsoReading) => plan.Steps.Select(s => s.Id).Where(id =>
            slices[id].Outputs.Any(o => o.Tensor.Name == tensor.Name)
            || (alsoReading && slices[id].Inputs.Any(i => i.Tensor.Name == tensor.Name)));
    }

    private static bool Overlap(TensorView a, TensorView b) => ReferenceEquals(a.Buffer, b.Buffer)
        && a.ByteOffset < b.ByteOffset + b.Tensor.SizeInBytes && b.ByteOffset < a.ByteOffset + a.Tensor.SizeInBytes;

    /// <summary>Transitive closure (Warshall) of waiting and of the processors' own order.</summary>
    private static bool[,] Before(Plan plan)
    {
        int count = plan.Steps.Count;
        var before = new bool[count, count];
        foreach (Step step in plan.Steps)
        {
            foreach (int d in step.DependsOn.Concat(plan.Steps.Where(s => s.Id < step.Id && s.Processor == step.Processor).Select(s => s.Id)))
            {
                before[d, step.Id] = true;
            }
        }
        for (int k = 0; k < count; k++)
        {
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < count; j++)
                {
                    before[i, j] |= before[i, k] && before[k, j];
                }
            }
        }
        return before;
    }

    private sealed class AllocatingProcessor : ISharedMemorySource
    {
        private readonly NullProcessor _inner = new("device", _ => default);

        public List<SharedBuffer> Allocated { get; } = [];

        public ProcessorInfo Info => _inner.Info;

        public void EnterWorkerThread() => _inner.EnterWorkerThread();

        public ICompiledSlice Compile(Graph slice) => _inner.Compile(slice);

        public SharedBuffer? TryAllocate(long sizeInBytes)
        {
            Allocated.Add(new SharedBuffer(sizeInBytes));
            return Allocated[^1];
        }

        public void Dispose() => _inner.Dispose();
    }
}
