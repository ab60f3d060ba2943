using Tandem.Graphs;
using Tandem.Processors;

namespace Tandem.Execution.Accuracy;

/// <summary>
/// The inputs on which 8-bit plans are made and proved: contents of each of a network's inputs, in its order, densely packed. Those of the
/// proof serve nothing else, so that a plan is not judged on what it was fitted to.
/// </summary>
internal sealed class CalibrationInputs
{
    // Errors are the worst of all elements, and so is what a plan is held to: a proof on a few inputs more makes it hold on others.
    private const int RangeRuns = 4;
    private const int ErrorRuns = 2;
    private const int ProofRuns = 8;
    private const int RangeSeed = 100;
    private const int ErrorSeed = 200;
    private const int ProofSeed = 300;

    private readonly Graph _graph;
    private readonly IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> _given;

    /// <summary>Divides the user's inputs; makes seeded ones where there are none.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="given">The user's inputs; one alone serves for everything.</param>
    /// <exception cref="InputException">An input has not the size that the network reads.</exception>
    public CalibrationInputs(Graph graph, IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> given)
    {
        foreach (IReadOnlyList<ReadOnlyMemory<byte>> inputs in given)
        {
            Require(graph, inputs);
        }
        _graph = graph;
        _given = given;
    }

    // Seeded inputs are made whenever they are asked for: kept, they would take memory for as long as the network is open.
    /// <summary>What the ranges of activations are taken from.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Ranges => _given.Count switch
    {
        0 => Seeded(_graph, RangeSeed, RangeRuns),
        1 => _given,
        _ => [.. _given.Where((_, i) => i % 2 == 0)],
    };

    /// <summary>What each kernel's error is measured on.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Errors =>
        _given.Count == 0 ? Seeded(_graph, ErrorSeed, ErrorRuns) : [.. Ranges.Take(ErrorRuns)];

    /// <summary>What finished plans are compared with float32 on.</summary>
    public IReadOnlyList<IReadOnlyList<ReadOnlyMemory<byte>>> Proof => _given.Count switch
    {
        0 => Seeded(_graph, ProofSeed, ProofRuns),
        1 => _given,
        _ => [.. _given.Where((_, i) => i % 2 == 1)],
    };

    private static void Require(Graph graph, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        if (inputs.Count != graph.Inputs.Count)
        {
            throw new InputException($"a calibration run has {inputs.Count} inputs, and network '{graph.Name}' reads {graph.Inputs.Count}");
        }
        foreach ((Tensor input, ReadOnlyMemory<byte> bytes) in graph.Inputs.Zip(inputs))
        {
            if (bytes.Length != input.SizeInBytes)
            {
                throw new InputException(
                    $"a calibration input '{input.Name}' has {bytes.Length} bytes, and the network reads {input.SizeInBytes}");
            }
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>>[] Seeded(Graph graph, int firstSeed, int count) =>
        [.. Enumerable.Range(firstSeed, count).Select(seed => Seeded(graph, seed))];

    private static ReadOnlyMemory<byte>[] Seeded(Graph graph, int seed) => [.. graph.Inputs.Select(input =>
    {
        using var memory = new SharedBuffer(input.SizeInBytes);
        SeededInputs.Fill(graph, input, memory, seed);
        return (ReadOnlyMemory<byte>)memory.AsSpan<byte>().ToArray();
    })];
}
