using System.Collections.Concurrent;
using Tandem.Graphs;
using Tandem.Graphs.Kernels;
using Tandem.Graphs.Slicing;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Accuracy;

/// <summary>
/// Measures what each kernel costs in accuracy: how far a network's outputs go from those in float32 when only that kernel computes in 8
/// bits. Everything runs on ONNX Runtime.
/// </summary>
/// <remarks>
/// The network is run once, kernel by kernel, and all tensors are kept; for each kernel its 8-bit form is run on what it read, and the
/// kernels behind it on what that makes. That is half a run for each kernel, side by side on all cores, in place of a session
/// of the whole network for each.
/// </remarks>
internal static class KernelErrors
{
    /// <summary>For each kernel the largest error of any output on any input; null where it has no integer kernel, infinite where it ruins them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="quantizer">Makes the 8-bit form of slices.</param>
    /// <param name="runs">The inputs to run on.</param>
    /// <param name="progress">Told how many measurements of how many are made.</param>
    /// <param name="cancellation">Stops between two kernels.</param>
    /// <exception cref="Graphs.Quantization.QuantizationException">The network cannot be quantised.</exception>
    public static double?[] Measure(
        Network network,
        NetworkQuantizer quantizer,
        IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> runs,
        Action<int, int>? progress = null,
        CancellationToken cancellation = default)
    {
        using var sessions = new KernelSessions(network);
        var errors = new double?[network.Kernels.Count];
        int done = 0;
        foreach (IReadOnlyList<ReadOnlyMemory<byte>> inputs in runs)
        {
            Dictionary<string, OrtValue> all = [];
            try
            {
                Fill(network.Graph, inputs, all);
                sessions.RunAll(all);
                // In order, not in ranges: what lies behind the first kernels takes longest.
                var order = Partitioner.Create(Enumerable.Range(0, errors.Length), EnumerablePartitionerOptions.NoBuffering);
                Parallel.ForEach(order, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, kernel =>
                {
                    double? error = ErrorOf(kernel, quantizer, sessions, all);
                    errors[kernel] = errors[kernel] is { } before && error is { } now ? Math.Max(before, now) : error;
                    progress?.Invoke(Interlocked.Increment(ref done), errors.Length * runs.Count);
                });
            }
            catch (AggregateException e) when (e.InnerException is TandemException first)
            {
                throw first;
            }
            finally
            {
                foreach (OrtValue value in all.Values)
                {
                    value.Dispose();
                }
            }
        }
        return errors;
    }

    private static double? ErrorOf(int kernel, NetworkQuantizer quantizer, KernelSessions sessions, Dictionary<string, OrtValue> all)
    {
        Slice slice = sessions.SliceOf(kernel);
        Slice quantized = quantizer.Quantize(slice);
        if (ReferenceEquals(quantized.Graph, slice.Graph))
        {
            return null;
        }
        double worst = 0;
        try
        {
            Dictionary<string, OrtValue> changed = [];
            using (var session = new KernelSession(quantized))
            {
                session.Run(all, changed);
            }
            sessions.RunAfter(all, changed, kernel, (output, value) => worst = Math.Max(worst, OutputComparison.MaxRelativeError(
                output.Type, value.GetTensorMutableRawData(), all[output.Name].GetTensorMutableRawData())));
        }
        catch (OnnxRuntimeException)
        {
            // It is never run in 8 bits, then.
            return double.PositiveInfinity;
        }
        return worst;
    }

    private static void Fill(Graph graph, IReadOnlyList<ReadOnlyMemory<byte>> inputs, Dictionary<string, OrtValue> all)
    {
        foreach ((Tensor input, ReadOnlyMemory<byte> bytes) in graph.Inputs.Zip(inputs))
        {
            OrtValue value = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)input.Type, [.. input.Shape]);
            all[input.Name] = value;
            bytes.Span.CopyTo(value.GetTensorMutableRawData());
        }
    }
}
