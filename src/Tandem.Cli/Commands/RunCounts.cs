namespace Tandem.Cli.Commands;

/// <summary>Checks how often a command is asked to run a network.</summary>
internal static class RunCounts
{
    /// <summary>Counted rounds.</summary>
    /// <exception cref="TandemException">There is none.</exception>
    public static int Runs(int asked) => asked > 0 ? asked : throw new TandemException($"--runs {asked}: give 1 or more");

    /// <summary>Rounds that are not counted.</summary>
    /// <exception cref="TandemException">The number is negative.</exception>
    public static int WarmUps(int asked) => asked >= 0 ? asked : throw new TandemException($"--warm-ups {asked}: give 0 or more");

    /// <summary>Threads that run at once.</summary>
    /// <exception cref="TandemException">There is none.</exception>
    public static int Threads(int asked) => asked > 0 ? asked : throw new TandemException($"--threads {asked}: give 1 or more");
}
