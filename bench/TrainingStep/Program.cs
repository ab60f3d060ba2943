using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Tandem;
using Tandem.Bench.TrainingStep;
using Tandem.Graphs;
using Tandem.Graphs.Onnx;

// Serves bench/training_step.py: reads commands from standard input, answers each with one line.
try
{
    int threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
    Graph graph = ResNet20Step.Make();
    if (args.Length > 1)
    {
        OnnxFile.Save(graph, args[1]);
    }
    using var trainer = new Trainer(graph, threads);
    Console.WriteLine("ready");
    while (Console.ReadLine() is string line)
    {
        string[] words = line.Split(' ', 3);
        Console.WriteLine(words[0] switch
        {
            "images" => Read(words[1], trainer.Images),
            "labels" => Read(words[1], trainer.Labels),
            "parameters" => ReadParameters(words[1], trainer),
            "save" => SaveParameters(words[1], trainer),
            "steps" => Steps(int.Parse(words[1], CultureInfo.InvariantCulture), float.Parse(words[2], CultureInfo.InvariantCulture), trainer),
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

static string Read(string path, Span<float> into)
{
    MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).CopyTo(into);
    return "ok";
}

static string ReadParameters(string path, Trainer trainer)
{
    ReadOnlySpan<float> plain = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path));
    int start = 0;
    foreach (Parameter parameter in ResNet20Step.Parameters)
    {
        int at = start;
        foreach (int place in parameter.Places())
        {
            trainer.Parameters[start + place] = plain[at++];
        }
        start += (int)parameter.Count;
    }
    return "ok";
}

static string SaveParameters(string path, Trainer trainer)
{
    float[] plain = new float[trainer.Parameters.Length];
    int start = 0;
    foreach (Parameter parameter in ResNet20Step.Parameters)
    {
        int at = start;
        foreach (int place in parameter.Places())
        {
            plain[at++] = trainer.Parameters[start + place];
        }
        start += (int)parameter.Count;
    }
    File.WriteAllBytes(path, MemoryMarshal.AsBytes<float>(plain));
    return "ok";
}

static string Steps(int count, float rate, Trainer trainer)
{
    float loss = 0;
    long start = Stopwatch.GetTimestamp();
    for (int i = 0; i < count; i++)
    {
        loss = trainer.Step(rate);
    }
    double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    return string.Create(CultureInfo.InvariantCulture, $"{loss:R} {milliseconds:R}");
}

static string PeakKilobytes() => File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ')[^2];
