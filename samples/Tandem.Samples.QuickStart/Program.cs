// Opens a network on every processor of this machine and runs it once.
//   dotnet run --project samples/Tandem.Samples.QuickStart [MODEL.onnx]

using Tandem.Execution;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Processors.OnnxRuntime;

using CooperativeSession session = args.Length > 0
    ? new CooperativeSession(args[0])
    : new CooperativeSession(ModelZoo.Make(ModelZoo.DefaultName));

// The first opening measures this machine and tunes a plan; the next ones find both where they were kept.
Console.WriteLine($"plan: {session.Plan.Steps.Count} steps on {string.Join(" + ", session.Plan.Processors)}, "
    + $"{session.Plan.PredictedMs:0.0} ms predicted");

Dictionary<string, OrtValue> inputs = [];
foreach ((string name, Tensor input) in session.InputMetadata)
{
    inputs[name] = OrtValue.CreateTensorValueFromMemory(new float[input.Shape.ElementCount], [.. input.Shape]);
}
foreach ((string name, OrtValue output) in session.OutputNames.Zip(session.Run(inputs)))
{
    using (output)
    {
        ReadOnlySpan<float> values = output.GetTensorDataAsSpan<float>();
        Console.WriteLine($"{name}: {values.Length} values, the first is {values[0]}");
    }
}
foreach (OrtValue input in inputs.Values)
{
    input.Dispose();
}

Trace trace = session.LastTrace;
Console.WriteLine($"took {trace.TotalMs:0.0} ms");
foreach (StepTrace step in trace.Steps)
{
    Console.WriteLine($"  {step.Step.Processor,-14} {step.Step.Slice,-24} {step.StartMs,7:0.00} ms + {step.DurationMs:0.00} ms");
}
