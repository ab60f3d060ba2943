using Tandem.Graphs.Kernels;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Slicing;
using Tandem.Processors;

namespace Tandem.Execution;

/// <summary>
/// The slices of one network that processors have compiled, so that plans which share slices compile them once. Safe for use by
/// several threads.
/// </summary>
public sealed class CompiledSlices : IDisposable
{
    private readonly Network _network;
    private readonly Dictionary<(IProcessor Processor, SliceSpec Spec), Entry> _entries = [];
    private readonly Lock _gate = new();

    /// <summary>Makes an empty collection for a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="quantizer">Quantises its slices; null for one that takes ranges from seeded inputs.</param>
    public CompiledSlices(Network network, NetworkQuantizer? quantizer = null)
    {
        _network = network;
        Quantizer = quantizer ?? new NetworkQuantizer(network);
    }

    /// <summary>Quantises slices that compute in 8 bits.</summary>
    public NetworkQuantizer Quantizer { get; }

    /// <summary>The network.</summary>
    public Network Network => _network;

    /// <summary>How many slices are compiled.</summary>
    public int Count
    {
        get { lock (_gate) { return _entries.Count; } }
    }

    /// <summary>A slice, compiled now if it was not before. Give it back with <see cref="Release"/>.</summary>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    internal ICompiledSlice Acquire(IProcessor processor, SliceSpec spec, Slice slice)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue((processor, spec), out Entry? entry))
            {
                _entries[(processor, spec)] = entry = new Entry(spec.Precision switch
                {
                    NumericPrecision.Int8 => processor.Compile(Quantizer.Quantize(slice).Graph),
                    NumericPrecision.Float16 => processor.CompileHalf(slice.Graph),
                    _ => processor.Compile(slice.Graph),
                });
            }
            entry.Users++;
            return entry.Compiled;
        }
    }

    /// <summary>Says that one user of a slice is done with it. It stays compiled until <see cref="Trim"/>.</summary>
    internal void Release(IProcessor processor, SliceSpec spec)
    {
        lock (_gate)
        {
            _entries[(processor, spec)].Users--;
        }
    }

    /// <summary>Frees every slice that nobody uses.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (((IProcessor, SliceSpec) key, Entry entry) in _entries.Where(e => e.Value.Users == 0).ToArray())
            {
                entry.Compiled.Dispose();
                _entries.Remove(key);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (Entry entry in _entries.Values)
            {
                entry.Compiled.Dispose();
            }
            _entries.Clear();
        }
    }

    private sealed class Entry(ICompiledSlice compiled)
    {
        public ICompiledSlice Compiled => compiled;
        public int Users { get; set; }
    }
}
