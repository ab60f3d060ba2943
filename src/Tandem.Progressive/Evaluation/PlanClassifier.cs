using Tandem.Execution;
using Tandem.Processors;

namespace Tandem.Progressive.Evaluation;

/// <summary>A plan of the network.</summary>
public sealed class PlanClassifier : IClassifier
{
    private readonly PlanExecutor _executor;
    private readonly SharedBuffer _image;
    private readonly SharedBuffer[] _scores;

    /// <summary>Takes an executor over, which is disposed with this object.</summary>
    /// <param name="name">What reports call it.</param>
    /// <param name="executor">The plan, ready to run.</param>
    /// <param name="classification">What of the network is used.</param>
    public PlanClassifier(string name, PlanExecutor executor, Classification classification)
    {
        Name = name;
        _executor = executor;
        _image = executor.Memory(classification.Input.Name);
        _scores = [.. classification.Outputs.Select(output => executor.Memory(output.Name))];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Span<float> Image => _image.AsSpan<float>();

    /// <inheritdoc/>
    public void Run(CancellationToken cancellation) => _executor.Run(cancellation);

    /// <inheritdoc/>
    public ReadOnlySpan<float> Scores(int output) => _scores[output].AsSpan<float>();

    /// <inheritdoc/>
    public void Dispose() => _executor.Dispose();
}
