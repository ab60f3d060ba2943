namespace Tandem.Progressive.Evaluation;

/// <summary>One way to run a classification network on one image at a time. Used by one thread at a time.</summary>
public interface IClassifier : IDisposable
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>The memory of the image, to be filled before a run: plane by plane.</summary>
    Span<float> Image { get; }

    /// <summary>Runs the network on the image.</summary>
    void Run(CancellationToken cancellation);

    /// <summary>The scores of the last run at one of <see cref="Classification.Outputs"/>.</summary>
    ReadOnlySpan<float> Scores(int output);
}
