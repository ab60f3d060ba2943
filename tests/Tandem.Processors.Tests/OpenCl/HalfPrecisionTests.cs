using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.OpenCl;

public sealed class HalfPrecisionTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Fact]
    public void Half_precision_ends_are_cast()
    {
        OpenClProcessor processor = Fixture.Processor;
        Operator widen = Cast("widen", "x", "a", ElementType.Float32), narrow = Cast("narrow", "b", "y", ElementType.Float16);
        Graph graph = new(
            "half",
            new Dictionary<string, int> { [""] = 13 },
            [new Tensor("x", ElementType.Float16, new Shape(2, 3, 5))],
            ["y"],
            [widen, new Operator("neg", "Neg", ["a"], ["b"]), narrow],
            []);
        using var x = new SharedBuffer(60);
        using var y = new SharedBuffer(60);
        for (int i = 0; i < 30; i++)
        {
            x.AsSpan<Half>()[i] = (Half)(0.37f * i);
        }
        using ICompiledSlice slice = processor.Compile(graph);
        using IBoundSlice bound = slice.Bind(SliceRunner.Views([x], graph.Inputs), SliceRunner.Views([y], graph.Outputs));
        bound.Run();
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal(-x.AsSpan<Half>()[i], y.AsSpan<Half>()[i]);
        }
    }

    private static Operator Cast(string name, string from, string to, ElementType type) =>
        new(name, "Cast", [from], [to], new Dictionary<string, AttributeValue> { ["to"] = new AttributeValue.Int((int)type) });
}
