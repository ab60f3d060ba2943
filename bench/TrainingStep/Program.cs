using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Tandem;
using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Learning.Differentiation;
using Tandem.Learning.Training;

// Serves bench/training_step.py: reads commands from standard input, answers each with one line.
// Arguments: threads, images of a step, and --plain to keep images in the plain layout.
try
{
    int threads = int.Parse(args[0], CultureInfo.InvariantCulture);
    int batch = int.Parse(args[1], CultureInfo.InvariantCulture);
    var graph = TrainingGraph.Build(
        InitialWeights.Draw(ModelZoo.Make("resnet20", batch: batch), 1), draft => Loss(draft, batch), new Sgd(0.9, 1e-4));
    using var session = new TrainingSession(graph, threads, keepsLayout: args.Contains("--plain"));
    Console.WriteLine("ready");
    while (Console.ReadLine() is string line)
    {
        string[] words = line.Split(' ', 3);
        Console.WriteLine(words[0] switch
        {
            "images" => Fill(session.Input<float>("image"), Read(words[1])),
            "labels" => Fill(session.Input<long>("labels"), Array.ConvertAll(Read(words[1]), label => (long)label)),
            "parameters" => ReadParameters(words[1], session),
            "save" => SaveParameters(words[1], session),
            "steps" => Steps(int.Parse(words[1], CultureInfo.InvariantCulture), double.Parse(words[2], CultureInfo.InvariantCulture), session),
            "evaluate" => session.Evaluate().ToString("R", CultureInfo.InvariantCulture),
            "memory" => PeakKilobytes(),
            _ => $"unknown command '{words[0]}'",
        });
    }
    return 0;
}
catch (Exception e) when (e is TandemException or IOException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static Tensor Loss(GraphDraft draft, int batch) => Losses.SoftmaxCrossEntropy(
    draft, draft[draft.Operators.Last(op => op.Type == "Gemm").Outputs[0]],
    draft.Input(new Tensor("labels", ElementType.Int64, new Shape(batch))));

static string Fill<T>(Span<T> input, T[] contents)
{
    contents.CopyTo(input);
    return "ok";
}

static float[] Read(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

// Weights come first among the states, in the order in which layers are made, which is PyTorch's.
static IEnumerable<Tensor> Weights(TrainingSession session) =>
    session.Graph.States.Select(s => s.Tensor).Take(TrainableWeights.Of(session.Graph.Forward).Count);

static string ReadParameters(string path, TrainingSession session)
{
    byte[] plain = File.ReadAllBytes(path);
    Checkpoint now = session.Capture();
    int start = 0;
    // What the optimiser keeps begins anew, as PyTorch's does.
    Constant[] tensors = [.. now.Tensors.Select(t =>
        t.Tensor.Name.EndsWith("~velocity", StringComparison.Ordinal) ? new Constant(t.Tensor, new byte[t.Data.Length]) : t)];
    foreach ((int place, Tensor weight) in Weights(session).Index())
    {
        int length = (int)weight.Shape.ElementCount * sizeof(float);
        tensors[place] = new Constant(weight, plain.AsMemory(start, length));
        start += length;
    }
    session.Restore(now with { Tensors = tensors });
    return "ok";
}

static string SaveParameters(string path, TrainingSession session)
{
    File.WriteAllBytes(path, [.. session.Capture().Tensors.Take(Weights(session).Count()).SelectMany(tensor => tensor.Data.ToArray())]);
    return "ok";
}

static string Steps(int count, double rate, TrainingSession session)
{
    float loss = 0;
    using var process = Process.GetCurrentProcess();
    TimeSpan before = process.TotalProcessorTime;
    long start = Stopwatch.GetTimestamp();
    for (int i = 0; i < count; i++)
    {
        loss = session.Step(rate);
    }
    double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    process.Refresh();
    double processor = (process.TotalProcessorTime - before).TotalMilliseconds;
    return string.Create(CultureInfo.InvariantCulture, $"{loss:R} {milliseconds:R} {processor:R}");
}

static string PeakKilobytes() => File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ')[^2];
