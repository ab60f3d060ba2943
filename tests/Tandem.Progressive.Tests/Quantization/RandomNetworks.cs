using Tandem.Graphs;
using Tandem.Graphs.Networks;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Progressive.Tests.Quantization;

/// <summary>Small networks and inputs by seed, and how far outputs are apart.</summary>
internal static class RandomNetworks
{
    /// <summary>Some convolutions, plain, grouped or strided, with residual additions, pooling and a classifier.</summary>
    public static Graph Make(int seed)
    {
        var random = new Random(seed);
        var net = new GraphBuilder($"random-{seed}");
        Tensor x = net.Input("image", 1, 3, 16, 16);
        for (int layer = random.Next(1, 5); layer >= 0; layer--)
        {
            int channels = 8 * random.Next(1, 4);
            Tensor y = net.Conv(x, channels, random.Next(2) == 0 ? 1 : 3, stride: 1, pad: 0);
            if (random.Next(2) == 0)
            {
                y = net.BatchNorm(y);
            }
            x = net.Relu(y);
            if (random.Next(3) == 0)
            {
                x = net.Add(x, net.Relu(net.Conv(x, channels, 3, stride: 1, pad: 1)));
            }
        }
        return net.Build(seed, net.Gemm(net.Flatten(net.GlobalAveragePool(x)), 10));
    }

    /// <summary>Normally distributed inputs.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>>[] Inputs(Graph graph, int seed, int count) => [.. Enumerable.Range(0, count).Select(run =>
    {
        return (IReadOnlyList<ReadOnlyMemory<byte>>)[.. graph.Inputs.Select(input =>
        {
            var numbers = new float[input.Shape.ElementCount];
            new NoiseSource((ulong)(seed + run)).FillNormal(numbers, 0, 1);
            return (ReadOnlyMemory<byte>)System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
        })];
    })];

    /// <summary>The first output of a model.</summary>
    public static float[] Run(byte[] model, Graph graph, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        using var session = new InferenceSession(model);
        OrtValue[] values = [.. graph.Inputs.Select(input => OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, [.. input.Shape]))];
        foreach ((OrtValue value, ReadOnlyMemory<byte> bytes) in values.Zip(inputs))
        {
            bytes.Span.CopyTo(value.GetTensorMutableRawData());
        }
        using OrtValue result = session.Run(null, [.. graph.Inputs.Select(input => input.Name)], values, [graph.Outputs[0].Name])[0];
        float[] numbers = result.GetTensorDataAsSpan<float>().ToArray();
        foreach (OrtValue value in values)
        {
            value.Dispose();
        }
        return numbers;
    }

    /// <summary>Signal to quantisation noise in decibels.</summary>
    public static double SignalToNoise(float[] expected, float[] actual) => 10 * Math.Log10(
        expected.Sum(e => (double)e * e) / Math.Max(1e-30, expected.Zip(actual, (e, a) => Math.Pow(e - a, 2)).Sum()));
}
