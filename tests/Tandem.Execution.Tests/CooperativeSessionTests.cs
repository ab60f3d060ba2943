using Tandem.Planning;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

public sealed class CooperativeSessionTests : IDisposable
{
    private static readonly float[] Image = TestDevice.Input(5);
    private static readonly float[] Expected = TestDevice.Reference(Image);

    private readonly FailingProcessor _cpu = new(TestDevice.Processor("cpu"));
    private readonly FailingProcessor _gpu = new(TestDevice.Processor("gpu"));
    private readonly FailingProcessor _allCores = new(TestDevice.Processor("ort-all-cores"));
    private readonly LocalDevice _device;
    private readonly OrtValue _image = OrtValue.CreateTensorValueFromMemory(Image, [.. TestDevice.Model.Inputs[0].Shape]);

    public CooperativeSessionTests() => _device = new LocalDevice([_cpu, _gpu], _allCores);

    private Dictionary<string, OrtValue> Inputs => new() { ["image"] = _image };

    public void Dispose()
    {
        _image.Dispose();
        _device.Dispose();
    }

    [Theory]
    [InlineData(PolicyNames.Tandem)]
    [InlineData(PolicyNames.MuLayer)]
    [InlineData(PolicyNames.RowChains)]
    public void Session_plans_by_itself_and_gives_the_network_s_outputs(string policy)
    {
        using var session = new CooperativeSession(
            TestDevice.Model, new() { Device = _device, Deployment = TestDevice.Quick, Policy = policy });
        Assert.Equal(policy, session.Plan.Policy);
        Assert.Equal(["image"], session.InputNames);
        Assert.Equal(TestDevice.Model.Inputs[0], session.InputMetadata["image"]);
        Assert.Equal(TestDevice.Model.Outputs[0], session.OutputMetadata[Assert.Single(session.OutputNames)]);
        RequireRight(session);
        Assert.Equal(session.Plan.Steps.Count, session.LastTrace.Steps.Count);
    }

    [Fact]
    public void Failed_processor_is_done_without_from_then_on()
    {
        using CooperativeSession session = Open();
        List<ProcessorFailedEventArgs> failures = [];
        session.ProcessorFailed += (_, e) => failures.Add(e);
        RequireRight(session);
        Assert.Empty(failures);
        _gpu.IsBroken = true;
        RequireRight(session);
        RequireRight(session);
        ProcessorFailedEventArgs failure = Assert.Single(failures);
        Assert.Equal(("halves", "cpu"), (failure.Failed.Policy, failure.Fallback.Policy));
        Assert.Equal(FailingProcessor.Reason, failure.Failure.Message);
        Assert.Equal(["cpu"], session.Plan.Processors);
    }

    [Fact]
    public void Fallback_that_cannot_be_started_is_skipped()
    {
        using CooperativeSession session = Open();
        List<string> fallbacks = [];
        session.ProcessorFailed += (_, e) => fallbacks.Add(e.Fallback.Policy);
        RequireRight(session);
        _gpu.IsBroken = true;
        _cpu.Refuses = true;
        RequireRight(session);
        Assert.Equal(["ort-all-cores"], fallbacks);
    }

    [Fact]
    public void Where_nothing_is_left_the_failure_is_the_caller_s_and_the_session_stays_usable()
    {
        using CooperativeSession session = Open();
        _gpu.IsBroken = true;
        _cpu.Refuses = _allCores.Refuses = true;
        for (int i = 0; i < 2; i++)
        {
            var e = Assert.Throws<ProcessorFailedException>(() => session.Run(Inputs, TestContext.Current.CancellationToken));
            Assert.Contains(FailingProcessor.Reason, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
        _gpu.IsBroken = false;
        RequireRight(session);
    }

    [Fact]
    public void Four_threads_get_right_answers_while_a_processor_fails()
    {
        using CooperativeSession session = Open();
        int failures = 0;
        session.ProcessorFailed += (_, _) => failures++;
        var thrown = new Exception?[4];
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(t => new Thread(() => thrown[t] = Record.Exception(() =>
        {
            for (int run = 0; run < 5; run++)
            {
                RequireRight(session);
                _gpu.IsBroken |= t == 0 && run == 2;
            }
        })))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(thrown, Assert.Null);
        Assert.InRange(failures, 0, 1);
    }

    [Fact]
    public void Wrong_inputs_are_answered_in_one_line()
    {
        using CooperativeSession session = Open();
        using OrtValue wrongShape = OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, [1, 3, 32, 31]);
        using OrtValue wrongType = OrtValue.CreateAllocatedTensorValue(TensorElementType.Int64, [1, 3, 32, 32]);
        RequireRefused([], "'image' is missing");
        RequireRefused(new() { ["Image"] = _image }, "'image' is missing");
        RequireRefused(new() { ["image"] = _image, ["more"] = _image }, "no input 'more'");
        RequireRefused(new() { ["image"] = wrongShape }, "[1,3,32,31]");
        RequireRefused(new() { ["image"] = wrongType }, "Int64");
        RequireRight(session);

        void RequireRefused(Dictionary<string, OrtValue> inputs, string part)
        {
            InputException e = Assert.Throws<InputException>(() => session.Run(inputs, TestContext.Current.CancellationToken));
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Fact]
    public void Wrong_outputs_are_answered_and_no_reason_to_fall_back()
    {
        using CooperativeSession session = Open();
        session.ProcessorFailed += (_, _) => Assert.Fail("no processor failed");
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string name = session.OutputNames[0];
        Assert.Throws<InputException>(() => session.Run(Inputs, ["nothing"], cancellation));
        Assert.Throws<InputException>(() => session.Run(Inputs, [name], [], cancellation));
        Assert.Throws<InputException>(() => session.Run(Inputs, [name], [_image], cancellation));
        RequireRight(session);
        using OrtValue output = OrtValue.CreateAllocatedTensorValue(
            TensorElementType.Float, [.. session.OutputMetadata[name].Shape]);
        session.Run(Inputs, [name], [output], cancellation);
        TestDevice.RequireEqual(Expected, output.GetTensorDataAsSpan<float>());
    }

    [Fact]
    public void Cancelled_run_leaves_the_session_usable()
    {
        using CooperativeSession session = Open();
        session.ProcessorFailed += (_, _) => Assert.Fail("no processor failed");
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => session.Run(Inputs, cancel.Token));
        RequireRight(session);
    }

    [Fact]
    public void Disposed_session_says_so()
    {
        CooperativeSession session = Open();
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Run(Inputs, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Policy_or_plan_that_does_not_fit_is_refused()
    {
        var options = new CooperativeSessionOptions { Device = _device, Deployment = TestDevice.Quick };
        Assert.Throws<PlanException>(() => new CooperativeSession(TestDevice.Model, options with { Policy = "fastest" }));
        Plan other = TestDevice.Halves(TestDevice.Network) with { NetworkSignature = "0123456789abcdef" };
        Assert.Throws<PlanException>(() => new CooperativeSession(TestDevice.Model, options with { Plan = other }));
    }

    private CooperativeSession Open() => new(
        TestDevice.Model,
        new() { Device = _device, Deployment = TestDevice.Quick, Plan = TestDevice.Halves(TestDevice.Network) });

    private void RequireRight(CooperativeSession session)
    {
        using OrtValue output = Assert.Single(session.Run(Inputs, CancellationToken.None));
        TestDevice.RequireEqual(Expected, output.GetTensorDataAsSpan<float>());
    }
}
