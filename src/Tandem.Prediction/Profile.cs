using Tandem.Prediction.Store;

namespace Tandem.Prediction;

/// <summary>All that is known about one device: samples of its processors, costs of its links, what each processor refuses.</summary>
/// <remarks>Held in memory and used by one thread at a time; <see cref="ProfileStore"/> keeps it between runs.</remarks>
public sealed class Profile
{
    private readonly Dictionary<(string Processor, string Key), Sample> _samples = [];
    private readonly Dictionary<(string Processor, string Key), string> _refusals = [];
    private readonly Dictionary<(string Subject, string Name), Measurement> _costs = [];

    /// <summary>Every sample.</summary>
    public IReadOnlyCollection<Sample> Samples => _samples.Values;

    /// <summary>Every cost of launching, mapping, copying and handing over.</summary>
    public IReadOnlyCollection<Measurement> Costs => _costs.Values;

    /// <summary>Adds a sample; a newer one of the same slice replaces the older.</summary>
    public void Add(Sample sample) => _samples[(sample.ProcessorKey, sample.KernelSignature)] = sample;

    /// <summary>Adds a cost; a newer one of the same subject and name replaces the older.</summary>
    public void Add(Measurement cost) => _costs[(cost.Subject, cost.Name)] = cost;

    /// <summary>Forgets a sample that is no longer true; a store keeps it until a new one is saved.</summary>
    public void Forget(string processorKey, string key) => _samples.Remove((processorKey, key));

    /// <summary>Notes that a processor cannot run a slice, and why.</summary>
    public void AddRefusal(string processorKey, string key, string reason) => _refusals[(processorKey, key)] = reason;

    /// <summary>The sample of a slice on a processor, or null where it was not measured.</summary>
    public Sample? Find(string processorKey, string key) => _samples.GetValueOrDefault((processorKey, key));

    /// <summary>Why a processor cannot run a slice, or null where it can or was not asked.</summary>
    public string? Refusal(string processorKey, string key) => _refusals.GetValueOrDefault((processorKey, key));

    /// <summary>A measured cost, or the given value where it was not measured.</summary>
    public double Cost(string subject, string name, double otherwise) =>
        _costs.TryGetValue((subject, name), out Measurement? cost) ? cost.Value : otherwise;

    /// <summary>Takes in what a store keeps of some processors and of the memory between them.</summary>
    public void Load(ProfileStore store, IEnumerable<string> processorKeys)
    {
        foreach (string subject in processorKeys.Append(CostNames.Memory))
        {
            foreach (Sample sample in store.Samples(subject))
            {
                Add(sample);
            }
            foreach (Measurement cost in store.Measurements(subject))
            {
                Add(cost);
            }
        }
    }

    /// <summary>Keeps every sample and cost in a store. Refusals are not kept: the next version may run what this one refuses.</summary>
    public void Save(ProfileStore store)
    {
        store.Add(_samples.Values);
        store.Add(_costs.Values);
    }
}
