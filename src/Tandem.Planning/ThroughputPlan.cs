namespace Tandem.Planning;

/// <summary>
/// How several inferences run at the same time: lanes beside each other, each of which takes whole inferences by a plan of its own.
/// No two lanes use the same processor, so nothing has to be synchronised between them.
/// </summary>
/// <param name="Lanes">The plan of each lane, the fastest first; at least one.</param>
public sealed record ThroughputPlan(IReadOnlyList<Plan> Lanes)
{
    /// <summary>Inferences per second when there is always another to run; 0 where a lane's latency is not predicted.</summary>
    public double PredictedPerSecond => Lanes.All(lane => lane.PredictedMs > 0) ? Lanes.Sum(lane => 1000 / lane.PredictedMs) : 0;
}
