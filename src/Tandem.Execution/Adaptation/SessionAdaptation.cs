using Tandem.Planning;
using Tandem.Processors;

namespace Tandem.Execution.Adaptation;

/// <summary>
/// Lets one session change between plans. A thread of its own plans and compiles beside the inferences, so that none of them ever waits for
/// that, and only what a slowdown that was seen asks for, because on a small machine it takes the cores from them; the change itself
/// happens between two inferences.
/// </summary>
internal sealed class SessionAdaptation : IDisposable
{
    // How often plans that were compiled are looked through for those that are not used any more.
    private static readonly TimeSpan CleaningInterval = TimeSpan.FromSeconds(1);

    private readonly Deployment _deployment;
    private readonly AdaptationOptions _options;
    private readonly Func<Plan, PlanExecutor> _start;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _ended = new();
    private readonly PlanExecutor _home;
    private readonly List<Task> _dropped = [];
    private readonly Thread _thread;
    private Course? _course;
    private PlanLadder? _ladder;
    private int _sought = PlanAdapter.None;
    private int _asked = PlanAdapter.None;
    private bool _dropsChoice;

    /// <summary>Begins to watch.</summary>
    /// <param name="deployment">The network; only its planning is used, by one thread.</param>
    /// <param name="home">The executor of the first plan; this object owns it from now on.</param>
    /// <param name="options">How readily plans are changed.</param>
    /// <param name="start">Compiles a plan; called on another thread.</param>
    public SessionAdaptation(Deployment deployment, PlanExecutor home, AdaptationOptions options, Func<Plan, PlanExecutor> start)
    {
        (_deployment, _home, _options, _start) = (deployment, home, options, start);
        _thread = new Thread(Prepare) { IsBackground = true, Name = "tandem plans" };
        _thread.Start();
    }

    /// <summary>Ends when the thread has and everything is freed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes in an inference that has just succeeded; gives the executor of the next.</summary>
    /// <param name="executor">The executor that ran it.</param>
    /// <param name="change">The change of plan that has just proved right, where one has.</param>
    public PlanExecutor AfterRun(PlanExecutor executor, out PlanChangedEventArgs? change)
    {
        change = null;
        if (Volatile.Read(ref _course) is not { } course)
        {
            return executor;
        }
        PlanExecutor next = course.Observe(executor);
        Ask(ref _sought, course.Sought);
        Ask(ref _asked, course.Missing);
        change = course.TakeChange();
        if (change?.Reason == PlanChangeReason.ChoiceWasWrong)
        {
            Volatile.Write(ref _dropsChoice, true);
            _wake.Release();
        }
        return next;
    }

    private void Ask(ref int asked, int wanted)
    {
        if (wanted != PlanAdapter.None && wanted != Volatile.Read(ref asked))
        {
            Volatile.Write(ref asked, wanted);
            _wake.Release();
        }
    }

    /// <summary>Ends adapting, and frees every executor, as soon as the thread is idle; does not wait.</summary>
    public void Stop()
    {
        if (_ended.Task.IsCompleted)
        {
            return;
        }
        _stop.Cancel();
        _wake.Release();
    }

    private void Prepare()
    {
        Course? course = MakeCourse();
        // Planning leaves many times what the plans take, and nothing that runs later would make the collector give it back.
        UnusedMemory.ReturnToSystem();
        Volatile.Write(ref _course, course);
        if (course is null)
        {
            _stop.Token.WaitHandle.WaitOne();
        }
        else
        {
            if (_options.CompilesAhead)
            {
                CompileLikeliest(course);
            }
            Serve(course);
            course.Dispose();
        }
        _home.Dispose();
        if (_dropped.TrueForAll(freed => freed.IsCompleted))
        {
            _ended.SetResult();
        }
        else
        {
            Task.WhenAll(_dropped).ContinueWith(_ => _ended.SetResult(), TaskScheduler.Default);
        }
    }

    private Course? MakeCourse()
    {
        try
        {
            _ladder = PlanLadder.Open(_deployment, _home.Plan);
            return _ladder is not null && Course.CanCompare(_ladder) ? new Course(_ladder, _home, _options) : null;
        }
        catch (Exception)
        {
            // Nobody asked for these plans: whatever keeps them from being made must not end the process.
            return null;
        }
    }

    private void Serve(Course course)
    {
        while (true)
        {
            bool isAsked = _wake.Wait(course.HasOthers ? CleaningInterval : Timeout.InfiniteTimeSpan);
            if (_stop.IsCancellationRequested)
            {
                return;
            }
            if (!isAsked)
            {
                FreeUnused(course);
                continue;
            }
            if (Volatile.Read(ref _dropsChoice))
            {
                Volatile.Write(ref _dropsChoice, false);
                _deployment.Forget(_home.Plan.Policy);
            }
            int sought = Volatile.Read(ref _sought);
            if (sought != PlanAdapter.None)
            {
                MakePlan(course, sought);
                UnusedMemory.ReturnToSystem();
                Volatile.Write(ref _sought, PlanAdapter.None);
                // What was asked for before may not be the best any more.
                Volatile.Write(ref _asked, PlanAdapter.None);
                continue;
            }
            int plan = Volatile.Read(ref _asked);
            if (plan != PlanAdapter.None)
            {
                Compile(course, plan);
                Volatile.Write(ref _asked, PlanAdapter.None);
            }
        }
    }

    private void CompileLikeliest(Course course)
    {
        foreach (int sought in course.Likeliest.Take(_options.CompiledPlans))
        {
            int plan = _stop.IsCancellationRequested ? PlanAdapter.None : MakePlan(course, sought);
            if (plan != PlanAdapter.None)
            {
                Compile(course, plan);
            }
        }
    }

    /// <summary>Makes the plan for a slowdown; gives its number, or none where there is none.</summary>
    private int MakePlan(Course course, int sought)
    {
        PlanRung? rung = null;
        try
        {
            (string processor, double slowdown) = course.SoughtFor(sought);
            rung = _ladder!.Make(processor, slowdown);
        }
        catch (Exception)
        {
            // Whatever keeps this plan from being made: it is done without.
        }
        return course.Found(sought, rung);
    }

    /// <summary>The load for which a plan was compiled is gone, or another plan proved better: then its weights go too.</summary>
    private void FreeUnused(Course course)
    {
        bool isAnyFreed = false;
        while (course.TakeUnused() is { } executor)
        {
            executor.Dispose();
            _dropped.Add(executor.Freed);
            isAnyFreed = true;
        }
        if (isAnyFreed)
        {
            _deployment.TrimCompiled();
            _deployment.ReleaseUnusedMemory();
        }
    }

    private void Compile(Course course, int plan)
    {
        if (_stop.IsCancellationRequested || course.IsReady(plan))
        {
            return;
        }
        PlanExecutor? executor = null;
        try
        {
            course.MakeRoom()?.Dispose();
            _deployment.TrimCompiled();
            executor = _start(course.PlanOf(plan));
            // The first run of an executor is slow, and must not be somebody's inference.
            executor.Run(_stop.Token);
            course.Add(plan, executor);
            _deployment.ReleaseUnusedMemory();
        }
        catch (Exception)
        {
            // Whatever it is, an inference must not suffer from it: this plan is done without.
            executor?.Dispose();
            _dropped.Add(executor?.Freed ?? Task.CompletedTask);
            course.Exclude(plan);
        }
    }

    /// <summary>Ends the thread and frees every executor; waits for that unless a driver hangs.</summary>
    public void Dispose()
    {
        Stop();
        _thread.Join(TimeSpan.FromSeconds(30));
        if (_ended.Task.IsCompleted)
        {
            _stop.Dispose();
            _wake.Dispose();
        }
    }
}
