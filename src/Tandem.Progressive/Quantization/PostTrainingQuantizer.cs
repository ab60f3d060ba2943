using Tandem.Graphs;
using Tandem.Graphs.Quantization;
using Tandem.Graphs.Quantization.Calibration;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Progressive.Quantization;

/// <summary>Quantises whole trained networks to 8 bits, by what they hold on calibration inputs; no training is done.</summary>
public static class PostTrainingQuantizer
{
    /// <summary>Quantises a network.</summary>
    /// <param name="model">The network as its file has it; batch norms are folded first.</param>
    /// <param name="inputs">Calibration inputs, one run each: the bytes of each of the network's inputs; at least one run.</param>
    /// <param name="method">How ranges of activations are chosen from these.</param>
    /// <param name="options">How the network is quantised.</param>
    /// <param name="progress">Told how many runs are done.</param>
    /// <param name="cancellation">Stops between two runs.</param>
    /// <returns>The network with QuantizeLinear and DequantizeLinear; inputs, outputs and metadata are as they were.</returns>
    /// <exception cref="QuantizationException">
    /// The network has no convolution or matrix product with constant weights, its operator set is too old, there is no input, or activations
    /// become infinite.
    /// </exception>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the network.</exception>
    public static Graph Quantize(
        Graph model,
        IEnumerable<IReadOnlyList<ReadOnlyMemory<byte>>> inputs,
        ICalibrationMethod method,
        QuantizationOptions options,
        Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        Graph prepared = GraphPreparation.Prepare(model).Graph;
        if (!GraphQuantizer.HasProducts(prepared))
        {
            throw new QuantizationException(
                $"network '{model.Name}' has no convolution or matrix product with constant weights: there is nothing to quantise");
        }
        using var calibration = new RangeCalibration(prepared, method);
        int runs = 0;
        foreach (IReadOnlyList<ReadOnlyMemory<byte>> input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            calibration.Add(input);
            runs++;
            progress?.Invoke(runs);
        }
        if (runs == 0)
        {
            throw new QuantizationException($"there is no input to calibrate network '{model.Name}' with: give at least one");
        }
        IReadOnlyDictionary<string, ValueRange> ranges = calibration.Ranges;
        Graph quantized = GraphQuantizer.Quantize(prepared, tensor => ranges[tensor], options);
        return new Graph(
            model.Name, quantized.Opsets, quantized.Inputs, [.. quantized.Outputs.Select(output => output.Name)], quantized.Operators,
            quantized.Constants.Values)
        {
            Metadata = model.Metadata,
        };
    }
}
