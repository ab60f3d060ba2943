using Tandem.Graphs;
using Tandem.Graphs.Exits;
using Tandem.Graphs.Kernels;
using Tandem.Processors;

namespace Tandem.Execution.Exits;

/// <summary>The scores of an exit where a plan's steps leave them, and what they say. Reading them allocates nothing.</summary>
internal sealed class ExitScores
{
    private readonly SharedBuffer _memory;
    private readonly bool _isHalf;
    private readonly bool _areProbabilities;
    private readonly double _temperature;
    private readonly float[] _widened;

    /// <summary>Finds the scores of an exit.</summary>
    /// <param name="network">The network.</param>
    /// <param name="exit">The exit.</param>
    /// <param name="memory">The memory of its output.</param>
    /// <exception cref="InvalidModelException">The output is no row of floating-point scores for one image.</exception>
    public ExitScores(Network network, Exit exit, SharedBuffer memory)
    {
        Tensor output = network.Graph.Tensors[exit.Output];
        if (output.Type is not (ElementType.Float32 or ElementType.Float16))
        {
            throw new InvalidModelException($"exit '{exit.Output}' gives {output.Type}, and scores are Float32 or Float16");
        }
        (_memory, _temperature) = (memory, exit.Temperature);
        _isHalf = output.Type == ElementType.Float16;
        _widened = new float[_isHalf ? output.Shape.ElementCount : 0];
        _areProbabilities = IsSoftmax(network.Graph, exit.Output);
        IsOfOneImage = output.Shape.Rank > 0 && output.Shape[output.Shape.Rank - 1] == output.Shape.ElementCount;
    }

    /// <summary>Whether the network was opened for a batch of one image.</summary>
    public bool IsOfOneImage { get; }

    /// <summary>The class with the largest score, and how sure the exit is of it.</summary>
    public (int Class, double Probability) Read()
    {
        ReadOnlySpan<float> scores = _isHalf ? Widen() : _memory.AsSpan<float>();
        (int best, double probability) = Confidence.Of(scores, _temperature);
        return (best, _areProbabilities ? scores[best] : probability);
    }

    private ReadOnlySpan<float> Widen()
    {
        ReadOnlySpan<Half> halves = _memory.AsSpan<Half>();
        for (int i = 0; i < halves.Length; i++)
        {
            _widened[i] = (float)halves[i];
        }
        return _widened;
    }

    // The last exit is the original network's output, and that may be a Softmax's; a network in half precision casts what it gives.
    private static bool IsSoftmax(Graph graph, string tensor) => graph.Producer(tensor) switch
    {
        { Type: "Softmax" } => true,
        { Type: "Cast" or "Identity" } op => IsSoftmax(graph, op.Inputs[0]),
        _ => false,
    };
}
