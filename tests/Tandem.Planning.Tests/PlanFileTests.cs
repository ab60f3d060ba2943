using System.Text.Json.Nodes;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Planning.Policies;
using Tandem.Tests;

namespace Tandem.Planning.Tests;

/// <summary>Plans as files may come from anywhere: whatever is wrong with one is said in one line.</summary>
public sealed class PlanFileTests
{
    private readonly PlanningProblem _problem = PlanningCase.Make(RandomNetworks.Branchy(5), 5);
    private readonly Plan _plan;

    public PlanFileTests() => _plan = PolicyRegistry.Find(PolicyNames.MuLayer).MakePlan(_problem);

    [Fact]
    public void Truncated_text_is_refused_wherever_it_ends()
    {
        string json = PlanFile.ToJson(_plan);
        for (int length = 0; length < json.Length; length += 1 + length / 20)
        {
            RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json[..length])));
        }
    }

    [Theory]
    [InlineData("steps")]
    [InlineData("network")]
    [InlineData("networkSignature")]
    [InlineData("policy")]
    public void Missing_or_null_property_is_refused(string property)
    {
        JsonNode json = JsonNode.Parse(PlanFile.ToJson(_plan))!;
        json[property] = null;
        RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json.ToJsonString())));
        json.AsObject().Remove(property);
        RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json.ToJsonString())));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("processor")]
    [InlineData("slice")]
    [InlineData("dependsOn")]
    [InlineData("predictedMs")]
    public void Missing_or_null_property_of_a_step_is_refused(string property)
    {
        JsonNode json = JsonNode.Parse(PlanFile.ToJson(_plan))!;
        JsonNode step = json["steps"]![0]!;
        step[property] = null;
        RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json.ToJsonString())));
        step.AsObject().Remove(property);
        RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json.ToJsonString())));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("\u0000")]
    [InlineData("""{"network":"n","networkSignature":"s","policy":"p","steps":[null]}""")]
    [InlineData("""{"network":"n","networkSignature":"s","policy":"p","steps":{}}""")]
    [InlineData("""{"formatVersion":2,"network":"n","networkSignature":"s","policy":"p","steps":[]}""")]
    public void What_is_no_plan_is_refused(string json) =>
        RequireOneLine(Assert.Throws<PlanException>(() => PlanFile.FromJson(json)));

    [Fact]
    public void Saved_plan_is_read_back_and_nothing_else_is_left()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tandem-plans-");
        try
        {
            string path = Path.Combine(folder.FullName, "plan.json");
            PlanFile.Save(_plan, path);
            PlanFile.Save(_plan, path);
            Assert.Equal(PlanFile.ToJson(_plan), PlanFile.ToJson(PlanFile.Load(path)));
            Assert.Throws<PlanException>(() => PlanFile.Load(path + "x"));
            // A folder is in the way: the half-written file must not stay.
            Directory.CreateDirectory(path + "d");
            Assert.ThrowsAny<Exception>(() => PlanFile.Save(_plan, path + "d"));
            Assert.Equal(path, Assert.Single(Directory.GetFiles(folder.FullName)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Plan_for_another_network_is_refused()
    {
        PlanningProblem other = PlanningCase.Make(RandomNetworks.Branchy(7), 7);
        PlanException e = Assert.Throws<PlanException>(() => PlanCheck.Require(_plan, other.Network, other.Predictor.Keys.Whole));
        Assert.Contains("another network", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_that_cannot_be_are_refused()
    {
        Step first = _plan.Steps[0];
        SliceSpec whole = SliceSpec.Of(_problem.AllKernels);
        RequireRefused(Replace(first with { Id = 1 }), "id 1");
        RequireRefused(Replace(first with { DependsOn = [0] }), "not before it");
        RequireRefused(Replace(first with { DependsOn = [-1] }), "not before it");
        RequireRefused(Replace(first with { DependsOn = [9999] }), "not before it");
        RequireRefused(_plan with { Steps = [.. _plan.Steps, first with { Id = _plan.Steps.Count }] }, "another step makes too");
        RequireRefused(Replace(first with { Slice = whole with { Kernels = new KernelRange(-1, 1) } }), "no part");
        RequireRefused(Replace(first with { Slice = whole with { Kernels = new KernelRange(2, 2) } }), "no part");
        RequireRefused(Replace(first with { Slice = whole with { Kernels = new KernelRange(0, 999) } }), "no part");
        RequireRefused(Replace(first with { Slice = whole with { Share = new Share(0, 0.5) } }), "no part");
        RequireRefused(Replace(first with { Slice = new(new(0, 1), SliceAxis.Rows, new Share(0, double.NaN)) }), "no part");
        RequireRefused(Replace(first with { Slice = new(new(0, 1), (SliceAxis)9, Share.All) }), "no part");
        RequireRefused(Replace(first with { Slice = new(new(0, 1), SliceAxis.Rows, new Share(0, 1e-9)) }), "cannot be cut");
        RequireRefused(_plan with { Steps = [] }, "no step that makes the output");
        RequireRefused(_plan with { Steps = [.. _plan.Steps.Take(_plan.Steps.Count - 1)] }, "plan");
    }

    [Fact]
    public void Gap_between_shares_is_refused()
    {
        var half = new SliceSpec(new KernelRange(0, 1), SliceAxis.Rows, new Share(0, 0.5));
        SliceSpec rest = SliceSpec.Of(new KernelRange(1, _problem.Network.Kernels.Count));
        Step[] steps = [new(0, "cpu", half, [], 0, 1), new(1, "cpu", rest, [0], 1, 1)];
        RequireRefused(_plan with { Steps = steps }, "makes all of tensor");
        PlanException e = Assert.Throws<PlanException>(
            () => _problem.Assembler.Assemble("gap", [new StepDraft("cpu", half, 1), new StepDraft("cpu", rest, 1)]));
        Assert.Contains("makes all of tensor", e.Message, StringComparison.Ordinal);
    }

    private Plan Replace(Step first) => _plan with { Steps = [first, .. _plan.Steps.Skip(1)] };

    private void RequireRefused(Plan plan, string reason)
    {
        PlanException e = Assert.Throws<PlanException>(
            () => PlanCheck.Require(plan, _problem.Network, _problem.Predictor.Keys.Whole));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        RequireOneLine(e);
    }

    private static void RequireOneLine(PlanException e) => Assert.DoesNotContain('\n', e.Message);
}
