using System.Diagnostics;
using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>
/// Inferences per second of sessions of one network: callers with inputs of their own ask again and again for an inference, and the time
/// of a fixed number of them is measured.
/// </summary>
public sealed class ThroughputMeter : IDisposable
{
    private readonly List<OrtValue> _values = [];
    private readonly (Dictionary<string, OrtValue> Inputs, OrtValue[] Outputs)[] _callers;
    private readonly string[] _outputNames;
    private int _left;

    /// <summary>Makes the callers and their values.</summary>
    /// <param name="model">The network.</param>
    /// <param name="callers">How many inferences are asked for at the same time; twice as many as there are cores by default.</param>
    /// <param name="fill">Fills an input.</param>
    public ThroughputMeter(Graph model, Action<Tensor, OrtValue> fill, int? callers = null)
    {
        _outputNames = [.. model.Outputs.Select(output => output.Name)];
        _callers = [.. Enumerable.Range(0, callers ?? 2 * Environment.ProcessorCount).Select(_ =>
        {
            Dictionary<string, OrtValue> inputs = model.Inputs.ToDictionary(input => input.Name, NewValue);
            foreach (Tensor input in model.Inputs)
            {
                fill(input, inputs[input.Name]);
            }
            return (inputs, (OrtValue[])[.. model.Outputs.Select(NewValue)]);
        })];
    }

    /// <summary>Inferences per second when so many are run.</summary>
    public double PerSecond(ThroughputSession session, int count, CancellationToken cancellation = default)
    {
        _left = count;
        long begin = Stopwatch.GetTimestamp();
        Task[] calls = [.. _callers.Select(caller => Task.Run(() => Call(session, caller.Inputs, caller.Outputs, cancellation), CancellationToken.None))];
        Task.WhenAll(calls).GetAwaiter().GetResult();
        return count / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private async Task Call(ThroughputSession session, Dictionary<string, OrtValue> inputs, OrtValue[] outputs, CancellationToken cancellation)
    {
        while (Interlocked.Decrement(ref _left) >= 0)
        {
            await session.RunAsync(inputs, _outputNames, outputs, cancellation).ConfigureAwait(false);
        }
    }

    private OrtValue NewValue(Tensor tensor)
    {
        _values.Add(OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)tensor.Type, [.. tensor.Shape]));
        return _values[^1];
    }

    /// <summary>Frees the callers' values.</summary>
    public void Dispose() => _values.ForEach(value => value.Dispose());
}
