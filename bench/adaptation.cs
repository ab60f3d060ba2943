// What adapting is worth: one session with it and one without, while another program comes and goes on the first core.
// Started by bench/adaptation.sh; see bench/README.md.
#:project ../src/Tandem.Execution/Tandem.Execution.csproj
#:property PublishAot=false

using System.Diagnostics;
using System.Globalization;
using Tandem.Execution;
using Tandem.Execution.Adaptation;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;
using Tandem.Prediction;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string network = args.Length > 0 ? args[0] : "resnet50";
double phaseSeconds = args.Length > 1 ? double.Parse(args[1]) : 4;
int loadedCore = args.Length > 2 ? int.Parse(args[2]) : 0;
bool ahead = args.Contains("ahead");

Graph model = File.Exists(network) ? OnnxFile.Load(network, null) : ModelZoo.Make(network);
using LocalDevice device = LocalDevice.Open();
foreach (bool adapts in new[] { false, true })
{
    using var session = new CooperativeSession(model, new CooperativeSessionOptions
    {
        Device = device,
        Policy = "segments",
        Adaptation = new AdaptationOptions { IsEnabled = adapts, CompilesAhead = ahead },
    });
    Tensor input = model.Inputs[0];
    using var memory = new SharedBuffer(input.SizeInBytes);
    SeededInputs.Fill(model, input, memory, 1);
    using OrtValue value = OrtValue.CreateAllocatedTensorValue((TensorElementType)(int)input.Type, [.. input.Shape]);
    memory.AsSpan<byte>().CopyTo(value.GetTensorMutableRawData());
    var inputs = new Dictionary<string, OrtValue> { [input.Name] = value };
    long begin = Stopwatch.GetTimestamp();
    session.PlanChanged += (_, e) => Console.WriteLine($"    {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.00} s: {e}");
    Console.WriteLine($"{network}, {(adapts ? "adapting" : "not adapting")}");
    Phase("before", null);
    Phase("loaded", loadedCore);
    Phase("after", null);

    void Phase(string name, int? core)
    {
        using Process? load = core is null ? null : Process.Start(new ProcessStartInfo("taskset", ["-c", $"{core}", "sh", "-c", "while :; do :; done"]));
        List<double> first = [];
        List<double> later = [];
        begin = Stopwatch.GetTimestamp();
        try
        {
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < phaseSeconds)
            {
                long start = Stopwatch.GetTimestamp();
                foreach (OrtValue output in session.Run(inputs))
                {
                    output.Dispose();
                }
                double ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                (Stopwatch.GetElapsedTime(begin).TotalSeconds < 1 ? first : later).Add(ms);
            }
        }
        finally
        {
            load?.Kill(entireProcessTree: true);
            load?.WaitForExit();
        }
        double median = LatencyStatistics.Of(later.Count > 0 ? later : first).MedianMs;
        Console.WriteLine($"  {name,-7} first second {LatencyStatistics.Of(first).MedianMs,7:0.00} ms, then {median,7:0.00} ms, slowest {first.Concat(later).Max(),7:0.00} ms");
    }
}
