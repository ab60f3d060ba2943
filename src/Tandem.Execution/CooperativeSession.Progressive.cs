using Tandem.Execution.Exits;
using Tandem.Graphs.Exits;
using Tandem.Processors;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <content>
/// Progressive networks. <c>Run</c> computes every output of one, as ONNX Runtime does; <c>RunProgressive</c> stops at the first exit that is
/// sure enough.
/// </content>
public sealed partial class CooperativeSession
{
    /// <summary>The exits of a progressive network; null where it is an ordinary one.</summary>
    public ProgressiveDescription? Progressive { get; private init; }

    /// <summary>
    /// Runs a progressive network until an exit is sure enough. Nothing behind that exit is computed, nor begun before it is decided: work
    /// that most inferences do not need would slow down what they all need.
    /// </summary>
    /// <param name="inputs">A value for each input, by name, with one image or, along its first dimension, several.</param>
    /// <param name="thresholds">How sure exits must be; null for the thresholds in the network's file.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>
    /// Where each image left. Images run one after another, each by itself, so one that is easy never waits for one that is not; what they
    /// get does not depend on what else is in the batch.
    /// </returns>
    /// <exception cref="InputException">
    /// The network has no exits or was opened for several images at once, the thresholds do not fit it, or an input is missing, unknown,
    /// or of another type or shape.
    /// </exception>
    /// <exception cref="ProcessorFailedException">No plan can run the network.</exception>
    public IReadOnlyList<ExitTaken> RunProgressive(
        IReadOnlyDictionary<string, OrtValue> inputs, ExitThresholds? thresholds = null, CancellationToken cancellation = default)
    {
        var results = new ExitTaken[ProgressiveRequest.CountImages(_deployment.Network.Graph, inputs)];
        RunProgressive(inputs, results, thresholds, cancellation);
        return results;
    }

    /// <summary>The same into memory that the caller has; allocates no managed memory.</summary>
    /// <param name="inputs">A value for each input, by name, with one image or, along its first dimension, several.</param>
    /// <param name="results">Where each image left; as many as there are images.</param>
    /// <param name="thresholds">How sure exits must be; null for the thresholds in the network's file.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <inheritdoc cref="RunProgressive(IReadOnlyDictionary{string, OrtValue}, ExitThresholds?, CancellationToken)"/>
    public void RunProgressive(
        IReadOnlyDictionary<string, OrtValue> inputs, Memory<ExitTaken> results, ExitThresholds? thresholds = null,
        CancellationToken cancellation = default)
    {
        int images = ProgressiveRequest.CountImages(_deployment.Network.Graph, inputs);
        if (results.Length != images)
        {
            throw new InputException($"the inputs hold {images} images, but there is room for {results.Length} results");
        }
        for (int image = 0; image < images; image++)
        {
            var request = new ProgressiveRequest(_deployment.Network.Graph, inputs, image, thresholds ?? _thresholds, results);
            lock (_gate)
            {
                Answer(request, cancellation);
            }
        }
    }
}
