using Tandem.Execution;
using Tandem.Execution.Adaptation;
using Tandem.Graphs;
using Tandem.Planning;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Cli.Memory;

/// <summary>Opens one session, runs it from several threads, checks every output, and reads what the process holds.</summary>
internal sealed class MemoryMeasurement
{
    private const int MostWarmUpsOfThread = 20;
    private readonly MeasurementFolder _folder;
    private readonly int _runs;
    private readonly int _threads;
    private readonly bool _adapts;
    private Tensor[] _inputs = [];
    private Tensor[] _outputs = [];
    private int _left;
    private int _wrong;
    private long _managedBytes;

    /// <summary>Prepares a measurement.</summary>
    /// <param name="folder">The network, the plan, inputs and expected outputs.</param>
    /// <param name="runs">Inferences after the warm-up, of all threads together.</param>
    /// <param name="threads">Threads that run them.</param>
    /// <param name="adapts">Whether the session adapts to load.</param>
    public MemoryMeasurement(MeasurementFolder folder, int runs, int threads, bool adapts)
    {
        _folder = folder;
        _runs = runs;
        _threads = threads;
        _adapts = adapts;
    }

    private delegate void Inference(IReadOnlyDictionary<string, OrtValue> inputs, string[] outputNames, OrtValue[] outputs);

    /// <summary>Measures the folder's plan; where it has none, plain ONNX Runtime with default options.</summary>
    public MemoryReading Run(Func<LocalDevice> openDevice) => File.Exists(_folder.Plan) ? RunPlan(openDevice) : RunPlain();

    private MemoryReading RunPlain()
    {
        using var session = new InferenceSession(_folder.Model);
        using var options = new RunOptions();
        _inputs = [.. session.InputNames.Select(name => Describe(name, session.InputMetadata[name]))];
        _outputs = [.. session.OutputNames.Select(name => Describe(name, session.OutputMetadata[name]))];
        return Measure((inputs, names, outputs) => session.Run(options, [.. inputs.Keys], [.. inputs.Values], names, outputs));
    }

    private MemoryReading RunPlan(Func<LocalDevice> openDevice)
    {
        using LocalDevice device = openDevice();
        using var session = new CooperativeSession(_folder.Model, new CooperativeSessionOptions
        {
            Device = device,
            Plan = PlanFile.Load(_folder.Plan),
            Adaptation = new AdaptationOptions { IsEnabled = _adapts },
        });
        session.ProcessorFailed += (_, failure) => Console.Error.WriteLine($"tandem: {failure.Failure.Message}");
        _inputs = [.. session.InputNames.Select(name => session.InputMetadata[name])];
        _outputs = [.. session.OutputNames.Select(name => session.OutputMetadata[name])];
        return Measure((inputs, names, outputs) => session.Run(inputs, names, outputs));
    }

    private static Tensor Describe(string name, NodeMetadata node) =>
        new(name, (ElementType)(int)node.ElementDataType, new Shape([.. node.Dimensions.Select(d => (long)d)]));

    private MemoryReading Measure(Inference run)
    {
        RunAll(Math.Min(MostWarmUpsOfThread, _runs) * _threads, run);
        // What no thread uses any more is no leak.
        GC.Collect();
        ProcessMemory warm = ProcessMemory.Read();
        _managedBytes = 0;
        RunAll(_runs, run);
        GC.Collect();
        ProcessMemory end = ProcessMemory.Read();
        return new MemoryReading(
            "", _runs, end.ResidentBytes, end.FileBytes, end.PeakBytes, end.ResidentBytes - warm.ResidentBytes, _managedBytes, _wrong);
    }

    private void RunAll(int runs, Inference run)
    {
        _left = runs;
        Thread[] threads = [.. Enumerable.Range(0, _threads).Select(_ => new Thread(() => Work(run)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }

    private void Work(Inference run)
    {
        Dictionary<string, OrtValue> inputs = _inputs.ToDictionary(i => i.Name, NewValue);
        string[] names = [.. _outputs.Select(o => o.Name)];
        OrtValue[] outputs = [.. _outputs.Select(NewValue)];
        byte[][] expected = [.. _outputs.Select((_, i) => _folder.Output(i))];
        for (int i = 0; i < _inputs.Length; i++)
        {
            _folder.Input(i).CopyTo(inputs[_inputs[i].Name].GetTensorMutableRawData());
        }
        while (Interlocked.Decrement(ref _left) >= 0)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            run(inputs, names, outputs);
            Interlocked.Add(ref _managedBytes, GC.GetAllocatedBytesForCurrentThread() - before);
            if (!AreRight(outputs, expected))
            {
                Interlocked.Increment(ref _wrong);
            }
        }
        foreach (OrtValue value in inputs.Values.Concat(outputs))
        {
            value.Dispose();
        }
    }

    private static OrtValue NewValue(Tensor tensor) =>
        OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)tensor.Type, [.. tensor.Shape]);

    private bool AreRight(OrtValue[] outputs, byte[][] expected)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            double error = OutputComparison.MaxRelativeError(_outputs[i].Type, outputs[i].GetTensorMutableRawData(), expected[i]);
            if (error > Tolerance.For(_outputs))
            {
                return false;
            }
        }
        return true;
    }
}
