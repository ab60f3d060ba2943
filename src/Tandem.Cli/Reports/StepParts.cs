namespace Tandem.Cli.Reports;

/// <summary>A step's parts as fractions of its duration, in the order in which they happen; together they are 1.</summary>
internal readonly record struct StepParts(double Gather, double Compute, double Scatter, double Other)
{
    /// <summary>Gathering and scattering together.</summary>
    public double Sharing => Gather + Scatter;

    /// <summary>The parts of a step; one that is not broken down computes all the time.</summary>
    public static StepParts Of(ReportStep step)
    {
        double gather = Sane(step.GatherMs), compute = Sane(step.ComputeMs), scatter = Sane(step.ScatterMs);
        double sum = gather + compute + scatter;
        double whole = Math.Max(Sane(step.DurationMs), sum);
        return sum <= 0 || whole <= 0
            ? new StepParts(0, 1, 0, 0)
            : new StepParts(gather / whole, compute / whole, scatter / whole, Math.Max(0, 1 - sum / whole));
    }

    private static double Sane(double milliseconds) => double.IsFinite(milliseconds) ? Math.Max(0, milliseconds) : 0;
}
