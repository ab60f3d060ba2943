namespace Tandem.Execution.Adaptation;

/// <summary>
/// The processors that slow down on their own, numbered. Engines that take turns on the same hardware count as the first of them: what
/// slows one slows all.
/// </summary>
internal sealed class WorkerNames
{
    private readonly string[] _names;
    private readonly IReadOnlyDictionary<string, string> _workers;

    /// <summary>Numbers processors.</summary>
    /// <param name="processors">Names of all processors.</param>
    /// <param name="workers">The workers of processors that share one, by their names; the others have one each.</param>
    public WorkerNames(IEnumerable<string> processors, IReadOnlyDictionary<string, string>? workers = null)
    {
        _workers = workers ?? new Dictionary<string, string>();
        _names = [.. processors.Select(WorkerOf).Distinct()];
    }

    /// <summary>How many there are.</summary>
    public int Count => _names.Length;

    /// <summary>The name of a number.</summary>
    public string this[int number] => _names[number];

    /// <summary>The number of a processor; -1 where it is not known.</summary>
    public int IndexOf(string processor) => Array.IndexOf(_names, WorkerOf(processor));

    private string WorkerOf(string processor) => _workers.GetValueOrDefault(processor, processor);
}
