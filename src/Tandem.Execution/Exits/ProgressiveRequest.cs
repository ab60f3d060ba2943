using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution.Exits;

/// <summary>An inference of one image that shall leave at the first exit that is sure enough.</summary>
/// <param name="Network">The prepared network.</param>
/// <param name="Inputs">A value for each input, by name, with one image or several.</param>
/// <param name="Image">Which of the images it is.</param>
/// <param name="Thresholds">How sure exits must be.</param>
/// <param name="Results">Where the image left, at its place.</param>
internal readonly record struct ProgressiveRequest(
    Graph Network, IReadOnlyDictionary<string, OrtValue> Inputs, int Image, ExitThresholds Thresholds, Memory<ExitTaken> Results)
    : ISessionRequest
{
    /// <inheritdoc/>
    public void Run(PlanExecutor executor, CancellationToken cancellation) =>
        Results.Span[Image] = executor.RunToExit(this, static (r, executor) => r.Fill(executor), Thresholds, cancellation);

    /// <summary>How many images some inputs hold.</summary>
    /// <exception cref="InputException">An input is missing, unknown, or its images are of another type, size or number.</exception>
    public static int CountImages(Graph network, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        InputCheck.RequireNames(network, inputs);
        long images = 0;
        for (int i = 0; i < network.Inputs.Count; i++)
        {
            Tensor input = network.Inputs[i];
            long own = ImagesIn(input, inputs[input.Name]);
            images = images == 0 || images == own ? own : throw new InputException(
                $"input '{input.Name}' has {own} images, but input '{network.Inputs[0].Name}' has {images}");
        }
        return (int)images;
    }

    private static long ImagesIn(Tensor expected, OrtValue value)
    {
        OrtTensorTypeAndShapeInfo actual = value.GetTensorTypeAndShape();
        ReadOnlySpan<long> one = expected.Shape.AsSpan();
        if (one.Length == 0 || one[0] != 1 || actual.Shape.Length != one.Length || actual.Shape[0] < 1
            || (ElementType)(int)actual.ElementDataType != expected.Type || !one[1..].SequenceEqual(actual.Shape.AsSpan(1)))
        {
            InputCheck.RequireFit(expected, value, "input");
            return 1;
        }
        return actual.Shape[0];
    }

    private void Fill(PlanExecutor executor)
    {
        for (int i = 0; i < Network.Inputs.Count; i++)
        {
            string name = Network.Inputs[i].Name;
            if (executor.Touches(name))
            {
                Span<byte> memory = executor.Memory(name).AsSpan<byte>();
                Inputs[name].GetTensorMutableRawData().Slice(Image * memory.Length, memory.Length).CopyTo(memory);
            }
        }
    }
}
