using Tandem.Planning;
using Tandem.Prediction;

namespace Tandem.Execution.Tests;

public sealed class DeploymentTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tandem-deployment-");
    private readonly LocalDevice _device = TestDevice.Open();
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        _device.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Plans_are_kept_and_a_damaged_one_is_as_good_as_none()
    {
        Plan first = PlanAnew();
        string file = Assert.Single(Directory.GetFiles(_folder.FullName, "*-mulayer.json", SearchOption.AllDirectories));
        Assert.Equal(PlanFile.ToJson(first), File.ReadAllText(file));
        Assert.Equal(PlanFile.ToJson(first), PlanFile.ToJson(PlanAnew()));
        Plan truncated = first with { Steps = [.. first.Steps.SkipLast(1)] };
        foreach (string damaged in new[] { "", "{", PlanFile.ToJson(truncated), PlanFile.ToJson(first with { NetworkSignature = "x" }) })
        {
            File.WriteAllText(file, damaged);
            Plan anew = PlanAnew();
            Assert.NotEmpty(PlanCheck.Require(anew, TestDevice.Network, first.NetworkSignature));
            Assert.Equal(PlanFile.ToJson(anew), File.ReadAllText(file));
        }
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Kept_plan_that_is_read_is_not_written_again()
    {
        Plan first = PlanAnew();
        string file = Assert.Single(Directory.GetFiles(_folder.FullName, "*-mulayer.json", SearchOption.AllDirectories));
        string spaced = File.ReadAllText(file) + " \n";
        File.WriteAllText(file, spaced);
        Assert.Equal(PlanFile.ToJson(first), PlanFile.ToJson(PlanAnew()));
        Assert.Equal(spaced, File.ReadAllText(file));
    }

    [Fact]
    public void Profile_is_kept_between_deployments()
    {
        int samples;
        using (Deployment deployment = Deploy())
        {
            deployment.EnsureProfiled(TestContext.Current.CancellationToken);
            samples = deployment.Profile.Samples.Count;
            Assert.True(samples > 0);
        }
        using Deployment again = Deploy();
        PlanningProblem problem = again.EnsureProfiled(TestContext.Current.CancellationToken);
        Assert.Equal(samples, again.Profile.Samples.Count);
        Assert.True(problem.HandOverMs > 0);
        Assert.True(again.Profile.Cost(CostNames.Memory, CostNames.RowCopy, 0) > 0);
    }

    [Fact]
    public void Every_plain_plan_gives_the_reference_s_outputs()
    {
        using Deployment deployment = Deploy();
        float[] input = TestDevice.Input(2);
        float[] expected = TestDevice.Reference(input);
        IReadOnlyList<Plan> plans = deployment.PlainPlans();
        Assert.Equal(["ort-all-cores", "cpu", "gpu"], plans.Select(p => p.Policy));
        foreach (Plan plan in plans)
        {
            var outputs = deployment.Run(plan, e => input.CopyTo(e.Memory("image").AsSpan<float>()));
            ReadOnlyMemory<byte> output = Assert.Single(outputs).Value;
            TestDevice.RequireEqual(expected, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(output.Span));
        }
    }

    [Fact]
    public void Adopted_plan_takes_the_place_of_its_policy_s()
    {
        using Deployment deployment = Deploy();
        Plan plan = TestDevice.Halves(TestDevice.Network) with { Policy = PolicyNames.MuLayer };
        deployment.Adopt(plan);
        Assert.Same(plan, deployment.PlanBy(PolicyNames.MuLayer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Forgotten_plan_is_made_again()
    {
        using Deployment deployment = Deploy();
        Plan plan = deployment.PlanBy(PolicyNames.MuLayer, TestContext.Current.CancellationToken);
        Assert.Same(plan, deployment.PlanBy(PolicyNames.MuLayer, TestContext.Current.CancellationToken));
        string[] kept = Directory.GetFiles(_folder.FullName, "*-mulayer.json", SearchOption.AllDirectories);
        deployment.Forget(PolicyNames.MuLayer);
        Assert.Single(kept);
        Assert.False(File.Exists(kept[0]));
        Assert.NotSame(plan, deployment.PlanBy(PolicyNames.MuLayer, TestContext.Current.CancellationToken));
    }

    private Plan PlanAnew()
    {
        using Deployment deployment = Deploy();
        return deployment.PlanBy(PolicyNames.MuLayer, CancellationToken.None);
    }

    private Deployment Deploy() => new(TestDevice.Model, TestDevice.Network, _device, TestDevice.Quick with
    {
        ProfilePath = Path.Combine(_folder.FullName, "profile.db"),
        Warn = _warnings.Add,
    });
}
