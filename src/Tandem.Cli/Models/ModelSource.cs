using Tandem.Graphs;
using Tandem.Graphs.Inference;
using Tandem.Graphs.Networks;
using Tandem.Graphs.Onnx;

namespace Tandem.Cli.Models;

/// <summary>Where a command's network comes from: a file, or one that the product builds itself.</summary>
internal static class ModelSource
{
    /// <summary>What 'run' takes when no model is named.</summary>
    public const string Default = ModelZoo.DefaultName;

    // Any fixed number: the same weights on every machine.
    private const int WeightSeed = 1;

    /// <summary>The network of a file, or of a built-in name.</summary>
    /// <param name="model">A path, or a name of <see cref="ModelZoo"/>.</param>
    /// <param name="inputShapes">Shapes of inputs that the file leaves open, as "NAME=1,3,224,224".</param>
    /// <param name="randomWeights">Replace the weights by seeded random ones.</param>
    public static Graph Load(string model, IReadOnlyList<string> inputShapes, bool randomWeights)
    {
        Graph graph = !File.Exists(model) && ModelZoo.Names.Contains(model)
            ? ModelZoo.Make(model, seed: WeightSeed)
            : OnnxFile.Load(model, InputShapes.Parse(inputShapes));
        // Some files make their weights by operators (ConstantOfShape): they become constants first.
        return randomWeights ? RandomWeights.Replace(ConstantFolding.Fold(graph), WeightSeed) : graph;
    }
}
