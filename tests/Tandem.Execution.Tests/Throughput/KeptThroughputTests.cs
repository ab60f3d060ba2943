using Tandem.Planning;
using Tandem.Processors.Null;

namespace Tandem.Execution.Tests.Throughput;

/// <summary>Choices of how to run a stream of inferences, kept from one session to the next.</summary>
public sealed class KeptThroughputTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-throughput-");
    private readonly LocalDevice _device;
    private int _runs;

    public KeptThroughputTests() => _device = new LocalDevice([Null("cpu"), Null("gpu")], Null("ort-all-cores"));

    public void Dispose()
    {
        _device.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Steady_choice_is_taken_by_the_next_session_without_running_anything()
    {
        using (Deployment deployment = Deploy())
        {
            deployment.Keep(Split(deployment));
        }
        using Deployment again = Deploy();
        using ThroughputSession session = new(again, _device, new ThroughputSessionOptions());
        ThroughputChoice kept = new ThroughputChooser(again, _device).Choose(TestContext.Current.CancellationToken);
        Assert.Equal(["gpu", "cpu"], session.Lanes.Select(lane => lane.Plan.Policy));
        Assert.Equal(PolicyNames.BatchSplit, kept.Plan.Name);
        Assert.Equal(Split(again).Plan.Lanes.Select(PlanFile.ToJson), kept.Plan.Lanes.Select(PlanFile.ToJson));
        Assert.Equal(Split(again).PerSecond, kept.PerSecond);
        Assert.Equal(0, _runs);
    }

    [Fact]
    public void Choice_that_was_disturbed_is_not_kept()
    {
        using Deployment deployment = Deploy();
        deployment.Keep(Split(deployment) with { IsSteady = false });
        Assert.Null(deployment.FindThroughput());
    }

    [Fact]
    public void Choice_is_made_once_and_kept_where_its_runs_were_steady()
    {
        using Deployment deployment = Deploy();
        ThroughputChoice choice = new ThroughputChooser(deployment, _device, TestDevice.Quick.Tuning).Choose(TestContext.Current.CancellationToken);
        Assert.Equal(choice.IsSteady ? choice.Plan.Name : null, deployment.FindThroughput()?.Plan.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"none\",\"lanes\":[],\"perSecond\":{}}")]
    [InlineData("{\"name\":\"none\",\"lanes\":[null],\"perSecond\":{}}")]
    public void Damaged_choice_is_as_good_as_none(string damaged)
    {
        using Deployment deployment = Deploy();
        deployment.Keep(Split(deployment));
        Assert.NotNull(deployment.FindThroughput());
        File.WriteAllText(Assert.Single(Directory.GetFiles(_folder.FullName, "*-throughput.json", SearchOption.AllDirectories)), damaged);
        Assert.Null(deployment.FindThroughput());
    }

    [Fact]
    public void Choice_for_another_network_is_as_good_as_none()
    {
        using Deployment deployment = Deploy();
        ThroughputChoice choice = Split(deployment);
        deployment.Keep(choice with { Plan = new ThroughputPlan([choice.Plan.Lanes[0] with { NetworkSignature = "another" }]) });
        Assert.Null(deployment.FindThroughput());
    }

    [Fact]
    public void User_who_wants_everything_measured_again_gets_no_kept_choice()
    {
        using Deployment deployment = Deploy();
        deployment.Keep(Split(deployment));
        using Deployment again = Deploy(isAgain: true);
        Assert.Null(again.FindThroughput());
    }

    private static ThroughputChoice Split(Deployment deployment) => new(
        new ThroughputPlan([deployment.PlainPlan("gpu"), deployment.PlainPlan("cpu")]),
        new Dictionary<string, double> { ["gpu"] = 100.5, [PolicyNames.BatchSplit] = 180.25 });

    private Deployment Deploy(bool isAgain = false) => new(TestDevice.Model, TestDevice.Network, _device, TestDevice.Quick with
    {
        ProfilePath = Path.Combine(_folder.FullName, "profile.db"),
        Profiling = TestDevice.Quick.Profiling with { Again = isAgain },
    });

    private NullProcessor Null(string name) => new(name, _ => default, (_, _) => Interlocked.Increment(ref _runs));
}
