namespace Tandem.Execution.Adaptation;

/// <summary>How a session adapts when processors become slower than they were when its plan was made.</summary>
public sealed record AdaptationOptions
{
    /// <summary>Whether sessions with a cooperative plan adapt. On by default.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Another plan is tried when it is expected to be faster by this factor, so that noise does not change plans.</summary>
    public double LeastGain { get; init; } = 1.15;

    /// <summary>
    /// How many other plans may be compiled at the same time. Each holds weights that its slices do not share with other plans', up to all
    /// of the network's; the one not used for longest makes room.
    /// </summary>
    public int CompiledPlans { get; init; } = 1;

    /// <summary>
    /// A plan that is not in use for this long is freed, and compiled again when it is wanted again. What is compiled ahead
    /// (<see cref="CompilesAhead"/>) stays.
    /// </summary>
    public TimeSpan KeepsUnusedPlans { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the other plans that are likeliest to be needed are made and compiled when the session is opened, in the background;
    /// otherwise each is when it is first needed, in the background too.
    /// </summary>
    public bool CompilesAhead { get; init; }

    /// <summary>After this time on another plan the first plan is tried again, if only for a few inferences.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>At most this part of the time is spent on trying plans that turn out to be slower.</summary>
    public double ProbeShare { get; init; } = 0.03;

    /// <summary>
    /// After this many inferences a cooperative plan that takes longer than the best plain plan was measured to take is compared with
    /// that plan by running it; where it loses, its choice is not kept for the next session. While processors are slowed by load nothing
    /// is compared.
    /// </summary>
    public int InferencesBeforeReview { get; init; } = 48;

    /// <summary>What inferences took; tests put a clock of their own in its place.</summary>
    internal IRunMeter Meter { get; init; } = new TraceMeter();
}
