using Tandem.Prediction.Kernels;

namespace Tandem.Prediction.Tests.Kernels;

public sealed class KernelSplitTests
{
    [Fact]
    public void Split_depends_on_the_configuration_alone_and_has_all_three_parts()
    {
        var device = new SyntheticDevice(7, 0);
        var again = new SyntheticDevice(7, 0);
        KernelSplit[] splits = [.. Enumerable.Range(0, 800).Select(_ => KernelSplits.Of(device.Next()))];
        Assert.Equal(splits, Enumerable.Range(0, 800).Select(_ => KernelSplits.Of(again.Next())));
        Assert.InRange(splits.Count(s => s == KernelSplit.Test), 120, 280);
        Assert.InRange(splits.Count(s => s == KernelSplit.Validation), 80, 220);
    }

    [Fact]
    public void Split_never_changes()
    {
        Assert.True(KernelConfiguration.TryParse("Conv+Relu|conv 3x3|1,56,56,64,1,64,56,56,64,3,3,1,0,1,0,1", out KernelConfiguration kernel));
        Assert.Equal(KernelSplit.Validation, KernelSplits.Of(kernel));
    }
}
