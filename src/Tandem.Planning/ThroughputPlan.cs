namespace Tandem.Planning;

/// <summary>
/// How several inferences run at the same time: lanes beside each other, each of which takes whole inferences by a plan of its own.
/// No two lanes use the same processor, so nothing has to be synchronised between them. A lane of several processors is a pipeline: it has
/// several inferences in flight, and each of its processors runs its steps of one of them at a time.
/// </summary>
/// <param name="Lanes">The plan of each lane, the fastest first; at least one.</param>
public sealed record ThroughputPlan(IReadOnlyList<Plan> Lanes)
{
    /// <summary>What this way is called in reports: a processor's name, or one of <see cref="PolicyNames"/>.</summary>
    public string Name { get; init; } = Lanes.Count == 1 ? Lanes[0].Policy : PolicyNames.BatchSplit;

    /// <summary>Inferences per second when there is always another to run; 0 where a lane's latency is not predicted.</summary>
    public double PredictedPerSecond =>
        Lanes.All(lane => lane.PredictedMs > 0) ? Lanes.Sum(lane => 1000 / PipelinePlanner.BusiestMs(lane)) : 0;

    /// <summary>
    /// How many inferences a lane has in flight: one for each of its processors, and one more that waits for whichever is free next; so
    /// many times there is memory for the tensors that steps hand to each other. A lane of one processor has one.
    /// </summary>
    public static int InFlight(Plan lane) => lane.Processors.Count is > 1 and int processors ? processors + 1 : 1;
}
