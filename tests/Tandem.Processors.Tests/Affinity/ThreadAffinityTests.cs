namespace Tandem.Processors.Tests.Affinity;

public sealed class ThreadAffinityTests
{
    [Fact]
    public void Pinned_thread_may_run_on_that_core_only()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux tells where a thread may run");
        IReadOnlyList<int> allowed = OnThreadOfItsOwn(() => ThreadAffinity.Current());
        int core = allowed[^1];
        (bool pinned, IReadOnlyList<int> after) =
            OnThreadOfItsOwn(() => (ThreadAffinity.Pin(core), ThreadAffinity.Current()));
        Assert.True(pinned);
        Assert.Equal([core], after);
    }

    [Fact]
    public void Pinning_to_no_core_changes_nothing()
    {
        (bool pinned, bool same) = OnThreadOfItsOwn(() =>
        {
            IReadOnlyList<int> before = ThreadAffinity.Current();
            bool result = ThreadAffinity.Pin();
            return (result, before.SequenceEqual(ThreadAffinity.Current()));
        });
        Assert.False(pinned);
        Assert.True(same);
    }

    [Fact]
    public void Core_that_does_not_exist_is_not_pinned_to()
    {
        Assert.SkipWhen(Environment.ProcessorCount >= AffinityMask.CoreLimit, "every core of a mask exists here");
        Assert.False(OnThreadOfItsOwn(() => ThreadAffinity.Pin(AffinityMask.CoreLimit - 1)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(AffinityMask.CoreLimit)]
    public void Core_number_outside_every_mask_is_refused(int core) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ThreadAffinity.Pin(core));

    [Fact]
    public void Mask_returns_the_cores_that_were_written()
    {
        ulong[] mask = new ulong[AffinityMask.WordCount];
        AffinityMask.Write([0, 63, 64, 1023], mask);
        Assert.Equal([0, 63, 64, 1023], AffinityMask.Read(mask));
        AffinityMask.Write([5], mask);
        Assert.Equal([5], AffinityMask.Read(mask));
    }

    private static T OnThreadOfItsOwn<T>(Func<T> work)
    {
        T result = default!;
        var thread = new Thread(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }
}
