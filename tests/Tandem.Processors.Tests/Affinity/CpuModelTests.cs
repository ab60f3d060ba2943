namespace Tandem.Processors.Tests.Affinity;

public sealed class CpuModelTests
{
    [Fact]
    public void Name_is_read_from_the_list_of_processors() =>
        Assert.Equal("AMD EPYC: 7", CpuModel.Find(["processor\t: 0", "model name\t: AMD EPYC: 7", "flags\t:"], "model name"));

    [Fact]
    public void Missing_or_empty_key_has_no_name()
    {
        Assert.Null(CpuModel.Find(["processor : 0", "flags :", ""], "model name"));
        Assert.Null(CpuModel.Find(["flags :"], "flags"));
    }

    [Fact]
    public void This_machine_has_a_name() => Assert.NotEmpty(CpuModel.Name);
}
