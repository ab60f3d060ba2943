using System.Diagnostics;
using Tandem.Graphs.Slicing;
using Tandem.Prediction;
using Tandem.Processors;

namespace Tandem.Profiling.Sampling;

/// <summary>A slice that stays compiled and tied to memory of its own between rounds. Used on a thread that has entered the processor.</summary>
internal sealed class HeldSlice : IDisposable
{
    private const int MostRuns = 1000;
    private const double LongKernel = 5;

    private readonly ICompiledSlice _compiled;
    private readonly List<TensorView> _views = [];
    private readonly IBoundSlice _bound;
    private readonly double[] _runsMs = new double[MostRuns];

    /// <summary>Compiles and binds the slice.</summary>
    /// <exception cref="SliceRefusedException">The processor cannot run it.</exception>
    public HeldSlice(IProcessor processor, Slice slice)
    {
        _compiled = processor.Compile(slice.Graph);
        try
        {
            TensorView[] inputs = [.. slice.Inputs.Select(end => Allocate(processor, end))];
            TensorView[] outputs = [.. slice.Outputs.Select(end => Allocate(processor, end))];
            foreach (TensorView input in inputs)
            {
                SliceTimer.FillRandomly(input);
            }
            _bound = _compiled.Bind(inputs, outputs);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>
    /// One round: a run that is not counted, which brings weights and tensors back into the caches as far as they fit and is also what
    /// profiling a network does, then counted ones.
    /// </summary>
    /// <param name="least">Counted runs at least; one is enough of a kernel that takes many times the duration.</param>
    /// <param name="duration">How long the counted runs take together, at least.</param>
    /// <returns>The median of the counted runs, in milliseconds, and how many there were.</returns>
    public (double MedianMs, int Runs) Round(int least, TimeSpan duration)
    {
        long begin = Stopwatch.GetTimestamp();
        _bound.Run();
        bool isLong = Stopwatch.GetElapsedTime(begin) > LongKernel * duration;
        int count = 0;
        double sum = 0;
        while (count < MostRuns && (count < (isLong ? 1 : least) || sum < duration.TotalMilliseconds))
        {
            long start = Stopwatch.GetTimestamp();
            _bound.Run();
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            _runsMs[count++] = elapsed;
            sum += elapsed;
        }
        return (LatencyStatistics.Percentile(_runsMs.Take(count), 0.5), count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bound.Dispose();
        Free();
    }

    private TensorView Allocate(IProcessor processor, SliceEnd end)
    {
        TensorView view = SliceTimer.Allocate(processor, end);
        _views.Add(view);
        return view;
    }

    private void Free()
    {
        foreach (TensorView view in _views)
        {
            view.Buffer.Dispose();
        }
        _compiled.Dispose();
    }
}
