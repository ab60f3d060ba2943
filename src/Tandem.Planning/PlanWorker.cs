namespace Tandem.Planning;

/// <summary>Hardware with the engines that take turns on its worker thread; different workers run side by side.</summary>
/// <param name="Name">The name of the worker's first engine.</param>
/// <param name="Engines">The processors whose steps it runs, in the device's order.</param>
internal sealed record PlanWorker(string Name, IReadOnlyList<PlanProcessor> Engines)
{
    /// <summary>The workers of some processors, in the order of their first engines.</summary>
    public static IReadOnlyList<PlanWorker> Of(IEnumerable<PlanProcessor> processors) =>
        [.. processors.GroupBy(p => p.Worker).Select(engines => new PlanWorker(engines.Key, [.. engines]))];

    /// <summary>Whether some processors can all run at the same time, because each has a worker of its own.</summary>
    public static bool AreSideBySide(IReadOnlyCollection<PlanProcessor> processors) => Of(processors).Count == processors.Count;

    /// <summary>How long the worker is busy with its share of some steps, in milliseconds.</summary>
    public double BusyMs(IEnumerable<StepDraft> drafts) =>
        drafts.Where(draft => Engines.Any(engine => engine.Name == draft.Processor)).Sum(draft => draft.PredictedMs);
}
