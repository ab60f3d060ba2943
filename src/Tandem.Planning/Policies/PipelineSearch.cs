namespace Tandem.Planning.Policies;

/// <summary>A stage of a pipeline: some consecutive pieces of a network on one processor.</summary>
/// <param name="First">The first piece.</param>
/// <param name="End">The piece after the last.</param>
/// <param name="Processor">Place of the processor.</param>
internal readonly record struct PipelineStage(int First, int End, int Processor);

/// <summary>
/// Cuts a chain of pieces into stages and gives each to a processor, so that the busiest processor has the least to do for each inference:
/// in a pipeline that is always full, this is the time between two results. A processor may own several stages, which are one long stage
/// to it; with as many stages as processors it is the longest stage that is made least.
/// </summary>
/// <remarks>
/// Dynamic programming over the places of the cuts, with what every processor has to do so far as state. One state makes another superfluous
/// where no processor has more to do in it and the last stage is on the same processor: no continuation can turn that round, so the
/// result is exact for the given times and number of stages.
/// </remarks>
internal sealed class PipelineSearch
{
    private readonly int _pieces;
    private readonly int _processors;
    private readonly Func<PipelineStage, double> _stageMs;
    private readonly List<Partial>[,] _front;
    private double _leastMs = double.PositiveInfinity;
    private Partial? _best;

    /// <summary>Prepares a search.</summary>
    /// <param name="pieces">How many pieces there are.</param>
    /// <param name="processors">How many processors there are.</param>
    /// <param name="stageMs">What a stage takes for each inference, in milliseconds, above 0; infinite where its processor cannot run it.</param>
    public PipelineSearch(int pieces, int processors, Func<PipelineStage, double> stageMs)
    {
        (_pieces, _processors, _stageMs) = (pieces, processors, stageMs);
        _front = new List<Partial>[pieces + 1, processors];
        for (int place = 0; place <= pieces; place++)
        {
            for (int processor = 0; processor < processors; processor++)
            {
                _front[place, processor] = [];
            }
        }
    }

    /// <summary>The stages in order; none where no processors can run all pieces together. Of equals, those of the fewest stages.</summary>
    /// <param name="mostStages">How many stages there may be.</param>
    /// <param name="busiestMs">What the busiest processor has to do for each inference, in milliseconds.</param>
    public IReadOnlyList<PipelineStage> Find(int mostStages, out double busiestMs)
    {
        List<Partial> longest = [new Partial(new PipelineStage(0, 0, -1), new double[_processors], null)];
        for (int stages = 1; stages <= mostStages; stages++)
        {
            List<Partial> longer = [];
            foreach (Partial partial in longest.Where(partial => !partial.IsSuperfluous && partial.BusiestMs < _leastMs))
            {
                Extend(partial, longer);
            }
            longest = longer;
        }
        busiestMs = _leastMs;
        List<PipelineStage> found = [];
        for (Partial? last = _best; last?.Before is not null; last = last.Before)
        {
            found.Add(last.Last);
        }
        found.Reverse();
        return found;
    }

    private void Extend(Partial partial, List<Partial> longer)
    {
        int first = partial.Last.End;
        for (int processor = 0; processor < _processors; processor++)
        {
            for (int end = first + 1; processor != partial.Last.Processor && end <= _pieces; end++)
            {
                var stage = new PipelineStage(first, end, processor);
                double ms = _stageMs(stage) + partial.LoadsMs[processor];
                if (!(Math.Max(ms, partial.BusiestMs) < _leastMs))
                {
                    continue;
                }
                double[] loadsMs = [.. partial.LoadsMs];
                loadsMs[processor] = ms;
                Keep(new Partial(stage, loadsMs, partial), longer);
            }
        }
    }

    private void Keep(Partial partial, List<Partial> longer)
    {
        if (partial.Last.End == _pieces)
        {
            (_best, _leastMs) = (partial, partial.BusiestMs);
            return;
        }
        List<Partial> front = _front[partial.Last.End, partial.Last.Processor];
        if (front.Exists(other => other.IsNowhereBusierThan(partial)))
        {
            return;
        }
        foreach (Partial other in front.Where(partial.IsNowhereBusierThan))
        {
            // One of fewer stages may still be continued further than this one.
            other.IsSuperfluous = other.Stages == partial.Stages;
        }
        front.RemoveAll(other => other.IsSuperfluous);
        front.Add(partial);
        longer.Add(partial);
    }

    /// <summary>The first stages of a pipeline.</summary>
    private sealed class Partial(PipelineStage last, double[] loadsMs, Partial? before)
    {
        public PipelineStage Last => last;
        public double[] LoadsMs => loadsMs;
        public Partial? Before => before;
        public int Stages { get; } = before is null ? 0 : before.Stages + 1;
        public double BusiestMs { get; } = loadsMs.Max();
        public bool IsSuperfluous { get; set; }

        public bool IsNowhereBusierThan(Partial other)
        {
            for (int processor = 0; processor < loadsMs.Length; processor++)
            {
                if (loadsMs[processor] > other.LoadsMs[processor])
                {
                    return false;
                }
            }
            return true;
        }
    }
}
