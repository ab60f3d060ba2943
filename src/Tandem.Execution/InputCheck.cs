using Tandem.Graphs;
using Tandem.Processors.OnnxRuntime;

namespace Tandem.Execution;

/// <summary>Checks what a caller feeds before anything runs.</summary>
internal static class InputCheck
{
    public static void Require(Graph network, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        RequireNames(network, inputs);
        for (int i = 0; i < network.Inputs.Count; i++)
        {
            RequireFit(network.Inputs[i], inputs[network.Inputs[i].Name], "input");
        }
    }

    public static void RequireNames(Graph network, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        for (int i = 0; i < network.Inputs.Count; i++)
        {
            if (!inputs.ContainsKey(network.Inputs[i].Name))
            {
                throw new InputException($"input '{network.Inputs[i].Name}' is missing: the model needs {string.Join(", ", network.Inputs)}");
            }
        }
        if (inputs.Count > network.Inputs.Count)
        {
            throw Unknown(network, inputs);
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

    // Apart, because what a lambda uses is allocated on entering the method that has it.
    private static InputException Unknown(Graph network, IReadOnlyDictionary<string, OrtValue> inputs)
    {
        string unknown = inputs.Keys.First(name => network.Inputs.All(i => i.Name != name));
        return new InputException($"the model has no input '{unknown}': it needs {string.Join(", ", network.Inputs)}");
    }
}
