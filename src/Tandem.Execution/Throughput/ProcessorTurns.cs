using Tandem.Processors;

namespace Tandem.Execution.Throughput;

/// <summary>
/// Lets the executors of one pipeline, each of which runs an inference of its own, take turns on each processor: one step at a time, and
/// first that of the inference that began first, so that inferences end in the order in which they began wherever that costs nothing.
/// </summary>
internal sealed class ProcessorTurns
{
    private readonly Dictionary<string, Turn> _ofProcessor = [];
    private long _begun;

    /// <summary>Makes the turns of some processors; those that share a core have one turn together.</summary>
    /// <param name="processors">The processors.</param>
    /// <param name="executors">How many executors take turns.</param>
    public ProcessorTurns(IReadOnlyList<IProcessor> processors, int executors)
    {
        foreach (IProcessor processor in processors)
        {
            IProcessor? neighbour = processors.TakeWhile(other => other != processor)
                .FirstOrDefault(other => other.Info.Cores.Intersect(processor.Info.Cores).Any());
            _ofProcessor[processor.Info.Name] = neighbour is null ? new Turn(executors) : _ofProcessor[neighbour.Info.Name];
        }
    }

    /// <summary>The turn of a processor.</summary>
    public Turn Of(string processor) => _ofProcessor[processor];

    /// <summary>The number of an inference that begins: the next.</summary>
    public long Begin() => Interlocked.Increment(ref _begun);

    /// <summary>Who may use a processor. Allocates nothing after it is made.</summary>
    internal sealed class Turn(int executors)
    {
        private readonly object _gate = new();
        private readonly List<long> _waiting = new(executors);
        private bool _isTaken;

        /// <summary>Waits until no step runs and none of an earlier inference waits.</summary>
        public void Take(long inference)
        {
            lock (_gate)
            {
                _waiting.Add(inference);
                while (_isTaken || !IsFirst(inference))
                {
                    Monitor.Wait(_gate);
                }
                _waiting.Remove(inference);
                _isTaken = true;
            }
        }

        /// <summary>Lets the next step begin.</summary>
        public void Give()
        {
            lock (_gate)
            {
                _isTaken = false;
                Monitor.PulseAll(_gate);
            }
        }

        private bool IsFirst(long inference)
        {
            foreach (long other in _waiting)
            {
                if (other < inference)
                {
                    return false;
                }
            }
            return true;
        }
    }
}
