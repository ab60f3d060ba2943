using Tandem.Graphs.Kernels;

namespace Tandem.Graphs.Exits;

/// <summary>
/// The stages of a progressive network: what an exit's scores need and those of the exits before it do not. The last stage is all the rest. An
/// inference that leaves at an exit has run the stages up to there, and nothing else.
/// </summary>
public sealed class ExitStages
{
    private readonly int[] _ends;

    private ExitStages(ProgressiveDescription description, int[] ends)
    {
        Description = description;
        _ends = ends;
    }

    /// <summary>The exits, one for each stage.</summary>
    public ProgressiveDescription Description { get; }

    /// <summary>How many stages there are.</summary>
    public int Count => _ends.Length;

    /// <summary>The kernels of a stage.</summary>
    public KernelRange this[int stage] => new(stage == 0 ? 0 : _ends[stage - 1], _ends[stage]);

    /// <summary>The stages of a network whose kernels are in their order; null where it is an ordinary network.</summary>
    /// <exception cref="InvalidModelException">The description does not fit the network.</exception>
    public static ExitStages? Of(Network network)
    {
        if (ProgressiveDescription.Of(network.Graph) is not { } description)
        {
            return null;
        }
        int[] stages = StageOfKernels(network, description);
        for (int k = 1; k < stages.Length; k++)
        {
            if (stages[k] < stages[k - 1])
            {
                throw new InvalidModelException($"its kernel '{network.Kernels[k].Name}' comes after an exit that needs it: prepare the network anew");
            }
        }
        int[] ends = [.. description.Exits.Select((_, stage) => Array.FindLastIndex(stages, s => s == stage) + 1)];
        int missing = Array.IndexOf(ends, 0);
        return missing < 0 ? new ExitStages(description, ends) : throw new InvalidModelException(
            $"its exit '{description.Exits[missing].Output}' needs no operator that the exits before it do not: exits are in the order "
            + "in which an inference comes by, and each has a head of its own; make it anew with 'tandem progressive train'");
    }

    /// <summary>
    /// The same network with the kernels of each stage behind those of the stages before, otherwise in their order. An ordinary network, and
    /// one that is in this order already, is returned as it is.
    /// </summary>
    /// <exception cref="InvalidModelException">The description does not fit the network.</exception>
    public static Network Arrange(Network network)
    {
        if (ProgressiveDescription.Of(network.Graph) is not { } description)
        {
            return network;
        }
        // No kernel reads from a later stage: what an exit needs, all that it reads needs too.
        int[] stages = StageOfKernels(network, description);
        Kernel[] ordered = [.. network.Kernels.OrderBy(kernel => stages[kernel.Index]).Select((kernel, i) => kernel with { Index = i })];
        Graph graph = network.Graph;
        return ordered.Select(kernel => kernel.Operators).SequenceEqual(network.Kernels.Select(kernel => kernel.Operators))
            ? network
            : new Network(
                new Graph(
                    graph.Name, graph.Opsets, graph.Inputs, [.. graph.Outputs.Select(output => output.Name)],
                    [.. ordered.SelectMany(kernel => kernel.Operators)], graph.Constants.Values)
                { Metadata = graph.Metadata },
                ordered);
    }

    /// <summary>The stage that a kernel belongs to.</summary>
    public int StageOf(int kernel)
    {
        int found = Array.BinarySearch(_ends, kernel);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Whether some kernels are of more than one stage.</summary>
    public bool AreCrossedBy(KernelRange kernels) => StageOf(kernels.First) != StageOf(kernels.End - 1);

    /// <summary>Some kernels, stage by stage.</summary>
    public IEnumerable<KernelRange> Split(KernelRange kernels)
    {
        for (int first = kernels.First; first < kernels.End;)
        {
            int end = Math.Min(kernels.End, _ends[StageOf(first)]);
            yield return new KernelRange(first, end);
            first = end;
        }
    }

    private static int[] StageOfKernels(Network network, ProgressiveDescription description)
    {
        int last = description.Exits.Count - 1;
        Dictionary<string, int> neededIn = [];
        for (int exit = 0; exit <= last; exit++)
        {
            neededIn.TryAdd(description.Exits[exit].Output, exit);
        }
        var stages = new int[network.Kernels.Count];
        for (int k = stages.Length - 1; k >= 0; k--)
        {
            Kernel kernel = network.Kernels[k];
            stages[k] = kernel.Outputs.Min(output => neededIn.GetValueOrDefault(output, last));
            foreach (string input in kernel.Inputs)
            {
                neededIn[input] = Math.Min(stages[k], neededIn.GetValueOrDefault(input, last));
            }
        }
        return stages;
    }
}
