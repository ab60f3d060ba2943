using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Planning;

namespace Tandem.Execution.Exits;

/// <summary>
/// Decides in an inference by a plan of a progressive network whether it leaves at an exit. The worker that runs the exit's last step decides
/// before it says that this step has ended; since all later steps wait for that step, nobody begins one in between. Where the inference
/// leaves, nobody does after either.
/// </summary>
internal sealed class ExitDecisions
{
    private const int Nowhere = -1;

    private readonly ExitScores[] _scores;
    private readonly int[] _exitOfStep;
    private readonly int[][] _makers;
    private readonly bool _areOfOneImage;
    private ExitThresholds? _thresholds;
    private int _leftAt = Nowhere;
    private int _class;
    private double _confidence;

    private ExitDecisions(Plan plan, Network network, ProgressiveDescription description, SharedTensors tensors, int[] workerOfStep)
    {
        IReadOnlyList<PlanExit> exits = plan.Exits!;
        _scores = [.. description.Exits.Select(exit => new ExitScores(network, exit, tensors.Find(exit.Output)!))];
        _areOfOneImage = _scores.All(scores => scores.IsOfOneImage);
        _exitOfStep = new int[plan.Steps.Count];
        Array.Fill(_exitOfStep, Nowhere);
        _makers = new int[exits.Count][];
        for (int exit = 0; exit < exits.Count; exit++)
        {
            int last = exits[exit].Step;
            _exitOfStep[last] = exit;
            // All steps of this exit's stage that other workers run: its scores may be made side by side.
            int first = exit == 0 ? 0 : exits[exit - 1].Step + 1;
            _makers[exit] = [.. Enumerable.Range(first, last - first).Where(step => workerOfStep[step] != workerOfStep[last])];
        }
    }

    /// <summary>Whether the inference has left before the network's end.</summary>
    public bool HasLeftEarly => Volatile.Read(ref _leftAt) is not Nowhere and int exit && exit < _scores.Length - 1;

    /// <summary>The decisions of a plan; null for an ordinary network.</summary>
    public static ExitDecisions? Of(Plan plan, Network network, SharedTensors tensors, int[] workerOfStep) =>
        plan.Exits is not null && ProgressiveDescription.Of(network.Graph) is { } description
            ? new ExitDecisions(plan, network, description, tensors, workerOfStep)
            : null;

    /// <summary>An inference begins; no worker is at work.</summary>
    /// <param name="thresholds">How sure exits must be; null computes all outputs and decides nothing.</param>
    /// <exception cref="InputException">The thresholds do not fit the network, or it was opened for several images at once.</exception>
    public void Begin(ExitThresholds? thresholds)
    {
        thresholds?.RequireFit(_scores.Length);
        if (thresholds is not null && !_areOfOneImage)
        {
            throw new InputException("the network was opened for several images at once, which cannot leave one by one: open it for one");
        }
        _thresholds = thresholds;
        Volatile.Write(ref _leftAt, Nowhere);
    }

    /// <summary>The exit that is decided after a step; negative where none is, in this inference.</summary>
    public int ExitAfter(int step) => _thresholds is null ? Nowhere : _exitOfStep[step];

    /// <summary>The steps of other workers that make an exit's scores or what these are made of.</summary>
    public int[] MakersOf(int exit) => _makers[exit];

    /// <summary>Decides an exit whose scores are there; called by one worker.</summary>
    public void Decide(int exit)
    {
        (int best, double probability) = _scores[exit].Read();
        if (exit == _scores.Length - 1 || probability >= _thresholds![exit])
        {
            (_class, _confidence) = (best, probability);
            Volatile.Write(ref _leftAt, exit);
        }
    }

    /// <summary>Where the inference that has just ended left.</summary>
    public ExitTaken Taken(double milliseconds) => new(_leftAt, _class, _confidence, milliseconds);
}
