using Tandem.Graphs;
using Tandem.Graphs.Quantization;
using Tandem.Processors.OnnxRuntime;
using Tandem.Processors.Tests.OnnxRuntime;

namespace Tandem.Processors.Tests.Quantization;

/// <summary>A graph in float32 and quantised, calibrated and run on the same seeded inputs.</summary>
internal sealed class QuantizedRun
{
    public QuantizedRun(Graph graph, int seed)
    {
        float[][] inputs = [.. graph.Inputs.Select((input, i) => Seeded(input, seed + i))];
        using var calibration = new RangeCalibration(graph);
        calibration.Add([.. inputs.Select(Bytes)]);
        Ranges = calibration.Ranges;
        Quantized = GraphQuantizer.Quantize(graph, name => Ranges[name]);
        using var processor = new OrtProcessor(new OrtProcessorOptions());
        Expected = SliceRunner.Run(processor, graph, inputs)[0];
        Actual = SliceRunner.Run(processor, Quantized, inputs)[0];
        Output = graph.Outputs[0];
    }

    public IReadOnlyDictionary<string, ValueRange> Ranges { get; }
    public Graph Quantized { get; }
    public Tensor Output { get; }
    public float[] Expected { get; }
    public float[] Actual { get; }

    public float StepOf(string tensor) => LinearQuantization.Covering(Ranges[tensor]).Scale;

    public float LargestError => Expected.Zip(Actual, (e, a) => Math.Abs(e - a)).Max();

    /// <summary>The part of the outputs' energy that is error, as a root.</summary>
    public double RelativeError => Math.Sqrt(
        Expected.Zip(Actual, (e, a) => Math.Pow(e - a, 2)).Sum() / Expected.Sum(e => Math.Pow(e, 2)));

    public static float[] Seeded(Tensor tensor, int seed)
    {
        var elements = new float[tensor.Shape.ElementCount];
        SmallGraphs.Fill(elements, seed);
        return elements;
    }

    private static ReadOnlyMemory<byte> Bytes(float[] elements) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();
}
