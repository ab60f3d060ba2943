using System.Diagnostics;

namespace Tandem.Execution.Adaptation;

/// <summary>Tells what inferences took; times are milliseconds. Telling allocates nothing.</summary>
internal interface IRunMeter
{
    /// <summary>The time, on a clock that only goes forward.</summary>
    double NowMs { get; }

    /// <summary>What the last inference of an executor took.</summary>
    /// <param name="executor">The executor.</param>
    /// <param name="forecast">What is predicted of its plan.</param>
    /// <param name="occupiedMs">Gets how long it occupied each processor.</param>
    double Read(PlanExecutor executor, PlanForecast forecast, double[] occupiedMs);
}

/// <summary>Reads what executors recorded.</summary>
internal sealed class TraceMeter : IRunMeter
{
    /// <inheritdoc/>
    public double NowMs => Stopwatch.GetTimestamp() * 1000.0 / Stopwatch.Frequency;

    /// <inheritdoc/>
    public double Read(PlanExecutor executor, PlanForecast forecast, double[] occupiedMs)
    {
        executor.Times.Occupied(forecast.Dependencies, forecast.ProcessorOfStep, occupiedMs);
        return executor.LastMs;
    }
}
