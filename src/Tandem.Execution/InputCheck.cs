using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>Checks what a caller feeds before anything runs.</summary>
internal static class InputCheck
{
    public static void Require(Graph network, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        foreach (Tensor input in network.Inputs)
        {
            if (!inputs.TryGetValue(input.Name, out OrtValue? value))
            {
                throw new InputException($"input '{input.Name}' is missing: the model needs {string.Join(", ", network.Inputs)}");
            }
            RequireFit(input, value, "input");
        }
        if (inputs.Count > network.Inputs.Count)
        {
            string unknown = inputs.Keys.First(name => network.Inputs.All(i => i.Name != name));
            throw new InputException($"the model has no input '{unknown}': it needs {string.Join(", ", network.Inputs)}");
        }
    }

    public static void RequireFit(Tensor expected, OrtValue value, string role)
    {
        OrtTensorTypeAndShapeInfo actual = value.GetTensorTypeAndShape();
        var type = (ElementType)(int)actual.ElementDataType;
        if (type != expected.Type || !expected.Shape.AsSpan().SequenceEqual(actual.Shape))
        {
            throw new InputException($"{role} '{expected.Name}' is {type}[{string.Join(',', actual.Shape)}], "
                + $"but the model has {expected.Type}{expected.Shape} there");
        }
    }
}
