using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Tests;

/// <summary>The short form of what <c>tandem memory --runs 10000 --threads 4</c> proves at length.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class SessionStressTests
{
    private const int Threads = 4;
    private const int Sessions = 2;
    private const int RunsOfThread = 60;
    private const int Rounds = 4;

    // Every thread has an input of its own, so that an output of another's inference is noticed.
    private static readonly float[][] Images = [.. Enumerable.Range(0, Threads).Select(TestDevice.Input)];
    private static readonly float[][] Expected = [.. Images.Select(TestDevice.Reference)];

    [Fact]
    public void Threads_and_sessions_do_not_disturb_each_other_and_keep_no_memory()
    {
        using LocalDevice device = TestDevice.Open();
        var options = new CooperativeSessionOptions
        {
            Device = device,
            Deployment = TestDevice.Quick,
            Plan = TestDevice.Halves(TestDevice.Network),
        };
        CooperativeSession[] sessions =
            [.. Enumerable.Range(0, Sessions).Select(_ => new CooperativeSession(TestDevice.Model, options))];
        try
        {
            RunFromAllThreads(sessions);
            long leastResident = long.MaxValue;
            long leastManaged = long.MaxValue;
            // What leaks grows in every round; pools of threads and allocators grow now and then, by as much as 50 MB on some machine.
            for (int round = 0; round < Rounds; round++)
            {
                long managed = GC.GetTotalMemory(forceFullCollection: true);
                long resident = Environment.WorkingSet;
                RunFromAllThreads(sessions);
                leastResident = Math.Min(leastResident, Environment.WorkingSet - resident);
                leastManaged = Math.Min(leastManaged, GC.GetTotalMemory(forceFullCollection: true) - managed);
            }
            Assert.InRange(leastManaged, long.MinValue, 1L << 18);
            // Leaking one input for each inference would take 3 MB, one intermediate tensor many times that.
            Assert.InRange(leastResident, long.MinValue, 2L << 20);
        }
        finally
        {
            Array.ForEach(sessions, session => session.Dispose());
        }
    }

    private static void RunFromAllThreads(CooperativeSession[] sessions)
    {
        List<Exception> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(seed => new Thread(() =>
        {
            try
            {
                RunMany(sessions, seed);
            }
            catch (Exception e)
            {
                lock (failures)
                {
                    failures.Add(e);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }

    private static void RunMany(CooperativeSession[] sessions, int seed)
    {
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(Images[seed], [.. TestDevice.Model.Inputs[0].Shape]);
        var inputs = new Dictionary<string, OrtValue> { [TestDevice.Model.Inputs[0].Name] = value };
        for (int run = 0; run < RunsOfThread; run++)
        {
            CooperativeSession session = sessions[(seed + run) % sessions.Length];
            using OrtValue output = session.Run(inputs)[0];
            TestDevice.RequireEqual(Expected[seed], output.GetTensorDataAsSpan<float>());
        }
    }
}
