using Tandem.Graphs;
using Tandem.Processors.OpenCl;
using Tandem.Processors.OpenCl.Memory;

namespace Tandem.Processors.Tests.OpenCl;

/// <summary>Slices of one layer pack the same weights, and hold one copy of them.</summary>
public sealed class SharedConstantsTests(OpenClFixture fixture) : OpenClTestBase(fixture)
{
    [Fact]
    public void Slices_with_equal_weights_hold_one_copy_until_the_last_is_freed()
    {
        SharedConstants constants = RequireSharing();
        long before = constants.SharedBytes;
        ICompiledSlice upper = Fixture.Processor.Compile(Layer(rows: 20, seed: 1));
        long ofOne = constants.SharedBytes - before;
        Assert.InRange(ofOne, 64 * 64 * 9 * sizeof(float), long.MaxValue);
        using ICompiledSlice lower = Fixture.Processor.Compile(Layer(rows: 24, seed: 1));
        Assert.Equal(before + ofOne, constants.SharedBytes);
        upper.Dispose();
        Assert.Equal(before + ofOne, constants.SharedBytes);
        // What the freed slice had shared is still whole.
        Check(Layer(rows: 24, seed: 1));
        lower.Dispose();
        Assert.Equal(before, constants.SharedBytes);
    }

    [Fact]
    public void Slices_with_different_weights_share_nothing()
    {
        SharedConstants constants = RequireSharing();
        long before = constants.SharedBytes;
        using ICompiledSlice one = Fixture.Processor.Compile(Layer(rows: 20, seed: 1));
        long ofOne = constants.SharedBytes - before;
        using ICompiledSlice other = Fixture.Processor.Compile(Layer(rows: 20, seed: 2));
        Assert.Equal(before + 2 * ofOne, constants.SharedBytes);
    }

    [Fact]
    public void Blocks_are_equal_only_where_every_byte_is()
    {
        SharedConstants constants = RequireSharing();
        ConstantBlock first = constants.Upload(Block(1), isShareable: true);
        ConstantBlock same = constants.Upload(Block(1), isShareable: true);
        ConstantBlock other = constants.Upload(Block(2), isShareable: true);
        ConstantBlock own = constants.Upload(Block(1), isShareable: false);
        Assert.Same(first, same);
        Assert.NotSame(first, other);
        Assert.NotSame(first, own);
        constants.Release(first);
        Assert.False(same.Device.IsClosed);
        constants.Release(same);
        Assert.True(same.Device.IsClosed);
        constants.Release(other);
        constants.Release(own);
    }

    private static SharedBuffer Block(float value)
    {
        var buffer = new SharedBuffer(1 << 18);
        buffer.AsSpan<float>()[^1] = value;
        return buffer;
    }

    private static Graph Layer(long rows, int seed)
    {
        GraphSketch sketch = new GraphSketch().Input("x", 1, 64, rows, 24);
        for (int i = 0; i < seed; i++)
        {
            sketch.Weights($"w{i}", [64, 64, 3, 3]);
        }
        return sketch.Op("Conv", $"x w{seed - 1}", "y", ("pads", new long[] { 1, 1, 1, 1 })).Build();
    }

    private SharedConstants RequireSharing()
    {
        OpenClContext context = Fixture.Processor.Context;
        Assert.SkipUnless(context.Sharing == MemorySharing.Coherent, "the device has memory of its own");
        return context.Constants;
    }
}
