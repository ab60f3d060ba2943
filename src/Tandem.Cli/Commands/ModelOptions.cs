using System.CommandLine;
using Tandem.Cli.Models;
using Tandem.Graphs;
using Tandem.Graphs.Networks;

namespace Tandem.Cli.Commands;

/// <summary>The options by which a command gets its network.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string[]> _inputShape = new("--input-shape")
    {
        Description = "Shape of an input whose dimensions the model leaves open, as NAME=1,3,224,224. May be repeated.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _randomWeights = new("--random-weights")
    {
        Description = "Replace the model's weights by seeded random ones (for models whose weights are constant).",
    };

    public ModelOptions(bool isRequired = true) => Model = new Argument<string>("model")
    {
        Description = $"An ONNX file, or a built-in network: {string.Join(", ", ModelZoo.Names)}.",
        Arity = isRequired ? ArgumentArity.ExactlyOne : ArgumentArity.ZeroOrOne,
    };

    public Argument<string> Model { get; }

    public void AddTo(Command command, bool withModel = true)
    {
        if (withModel)
        {
            command.Add(Model);
        }
        command.Add(_inputShape);
        command.Add(_randomWeights);
    }

    public Graph Load(ParseResult parsed) => Load(parsed, parsed.GetValue(Model) ?? ModelSource.Default);

    public Graph Load(ParseResult parsed, string model) =>
        ModelSource.Load(model, parsed.GetValue(_inputShape)!, parsed.GetValue(_randomWeights));
}
