using System.Reflection;
using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Prediction;
using Tandem.Processors.Null;

namespace Tandem.Execution.Tests;

public sealed class PlanCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-plans-");
    private readonly LocalDevice _device = new([new NullProcessor("cpu", _ => default), new NullProcessor("gpu", _ => default)], null);
    private readonly Plan _plan = TestDevice.Halves(TestDevice.Network);

    public void Dispose()
    {
        _device.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Plan_is_found_by_the_planner_that_kept_it_only()
    {
        Open("a").Keep(_plan);
        Assert.Equal(PlanFile.ToJson(_plan), PlanFile.ToJson(Open("a").Find(_plan.Policy)!));
        Assert.Null(Open("b").Find(_plan.Policy));
        Assert.Null(Open(null).Find(_plan.Policy));
        Open(null).Keep(_plan);
        Assert.NotNull(Open(PlannerVersion.Current).Find(_plan.Policy));
    }

    [Fact]
    public void Plan_is_not_found_by_processors_with_other_names()
    {
        Open("a").Keep(_plan);
        using var others = new LocalDevice([new NullProcessor("cpu", _ => default), new NullProcessor("npu", _ => default)], null);
        Assert.Null(new PlanCache(_folder.FullName, TestDevice.Network, others, TestDevice.Quick, planner: "a").Find(_plan.Policy));
    }

    [Fact]
    public void Planner_s_version_follows_its_builds()
    {
        Assembly[] builds = [typeof(Graph).Assembly, typeof(Plan).Assembly];
        Assert.Equal(PlannerVersion.Of(builds), PlannerVersion.Of(builds));
        Assert.NotEqual(PlannerVersion.Of(builds), PlannerVersion.Of(builds[..1]));
        Assert.NotEqual(PlannerVersion.Of(builds[..1]), PlannerVersion.Of(builds[1..]));
    }

    [Fact]
    public void Builds_do_not_know_the_commit_that_they_were_made_of() => Assert.All(
        new[] { typeof(Graph), typeof(Profile), typeof(Plan), typeof(PlanCache) },
        type => Assert.DoesNotContain(
            '+', type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion));

    private PlanCache Open(string? planner) =>
        new(_folder.FullName, TestDevice.Network, _device, TestDevice.Quick, planner: planner);
}
