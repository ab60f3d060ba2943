using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Progressive.Evaluation;

/// <summary>Plain ONNX Runtime, with as many threads as it likes.</summary>
public sealed class SessionClassifier : IClassifier
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();
    private readonly OrtValue _image;
    private readonly OrtValue[] _scores;

    /// <summary>Opens a session.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="classification">What of the network is used.</param>
    /// <exception cref="InvalidModelException">ONNX Runtime cannot load the model.</exception>
    public SessionClassifier(string name, byte[] model, Classification classification)
    {
        Name = name;
        try
        {
            _session = new InferenceSession(model);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidModelException($"ONNX Runtime cannot load '{name}': {e.Detail}", e);
        }
        _image = Allocate(classification.Input);
        _scores = [.. classification.Outputs.Select(Allocate)];
        _binding = _session.CreateIoBinding();
        _binding.BindInput(classification.Input.Name, _image);
        foreach ((Tensor output, OrtValue scores) in classification.Outputs.Zip(_scores))
        {
            _binding.BindOutput(output.Name, scores);
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Span<float> Image => _image.GetTensorMutableDataAsSpan<float>();

    /// <inheritdoc/>
    public void Run(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _session.RunWithBinding(_runOptions, _binding);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Scores(int output) => _scores[output].GetTensorDataAsSpan<float>();

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _runOptions.Dispose();
        _image.Dispose();
        foreach (OrtValue scores in _scores)
        {
            scores.Dispose();
        }
        _session.Dispose();
    }

    private static OrtValue Allocate(Tensor tensor) =>
        OrtValue.CreateAllocatedTensorValue(TensorElementType.Float, [.. tensor.Shape]);
}
