namespace Tandem.Planning;

/// <summary>What a plan shall be good at.</summary>
public enum PlanGoal
{
    /// <summary>The least time of one inference.</summary>
    Latency,
    /// <summary>The least energy of one inference.</summary>
    Energy,
}

/// <summary>What a plan shall be good at, and what it must keep to.</summary>
/// <param name="Goal">What is made least.</param>
/// <param name="EnergyLimitMillijoules">
/// The most energy that an inference may take; null for any. CoDL's plans take 52 % more energy than the GPU alone (Jia et al.,
/// MobiSys 2022): a limit keeps what speed costs in bounds.
/// </param>
public sealed record PlanObjective(PlanGoal Goal = PlanGoal.Latency, double? EnergyLimitMillijoules = null)
{
    /// <summary>The least latency, whatever it costs.</summary>
    public static PlanObjective LeastLatency { get; } = new();

    /// <summary>Whether the power of the processors must be known.</summary>
    public bool NeedsPower => Goal == PlanGoal.Energy || EnergyLimitMillijoules is not null;

    /// <summary>Checks that the power of all processors is known where it must be.</summary>
    /// <exception cref="PlanException">That of one is not.</exception>
    public void RequirePowers(IEnumerable<PlanProcessor> processors)
    {
        if (NeedsPower && processors.FirstOrDefault(p => p.Power is null) is { } unknown)
        {
            throw new PlanException($"planning for energy needs the power of processor '{unknown.Name}': "
                + $"give it as --power {unknown.Name}=ACTIVE:IDLE, in watts");
        }
    }
}

/// <summary>What a processor draws, in watts.</summary>
/// <param name="ActiveWatts">While it runs a step.</param>
/// <param name="IdleWatts">While it waits for others within an inference.</param>
public readonly record struct ProcessorPower(double ActiveWatts, double IdleWatts);
