using Tandem.Graphs;
using Tandem.Processors.OpenCl.Compilation;

namespace Tandem.Processors.OpenCl.Operators;

/// <summary>Reads operators and attributes as activations.</summary>
internal static class Activations
{
    private static readonly Dictionary<string, Func<Operator, Activation>> Readers = new()
    {
        ["Relu"] = _ => new Activation(ActivationKind.Relu),
        ["LeakyRelu"] = op => new Activation(ActivationKind.LeakyRelu, op.GetFloat("alpha", 0.01f)),
        ["Sigmoid"] = _ => new Activation(ActivationKind.Sigmoid),
        ["Tanh"] = _ => new Activation(ActivationKind.Tanh),
        ["HardSigmoid"] = op => new Activation(
            ActivationKind.HardSigmoid, op.GetFloat("alpha", 0.2f), op.GetFloat("beta", 0.5f)),
        ["HardSwish"] = _ => new Activation(ActivationKind.HardSwish, 1f / 6, 0.5f),
        ["Elu"] = op => new Activation(ActivationKind.Elu, op.GetFloat("alpha", 1)),
    };

    /// <summary>The types of operators that are activations.</summary>
    internal static IEnumerable<string> Types => [.. Readers.Keys, "Clip"];

    /// <summary>Reads an operator as an activation; null where it is none, or its bounds change from run to run.</summary>
    internal static Activation? TryRead(Operator op, SliceCompiler compiler)
    {
        if (op.Domain != "")
        {
            return null;
        }
        return op.Type == "Clip" ? Clip(op, compiler)
            : Readers.TryGetValue(op.Type, out Func<Operator, Activation>? reader) ? reader(op)
            : null;
    }

    /// <summary>Reads the activation attribute of ONNX Runtime's fused operators.</summary>
    /// <exception cref="SliceRefusedException">The activation is unknown.</exception>
    internal static Activation ReadFused(Operator op, SliceCompiler compiler)
    {
        string name = op.GetText("activation", "");
        IReadOnlyList<float> numbers = (op.Attributes.GetValueOrDefault("activation_params") as AttributeValue.Floats)?.Values ?? [];
        float a = numbers.Count > 0 ? numbers[0] : op.GetFloat("activation_alpha", op.GetFloat("alpha", 0.01f));
        float b = numbers.Count > 1 ? numbers[1] : op.GetFloat("activation_beta", 0);
        return name switch
        {
            "" => Activation.None,
            "Relu" => new Activation(ActivationKind.Relu),
            "LeakyRelu" => new Activation(ActivationKind.LeakyRelu, a),
            "Clip" => new Activation(ActivationKind.Clip, a, b),
            "Sigmoid" => new Activation(ActivationKind.Sigmoid),
            "Tanh" => new Activation(ActivationKind.Tanh),
            "HardSigmoid" => new Activation(ActivationKind.HardSigmoid, a, b),
            "HardSwish" => new Activation(ActivationKind.HardSwish, 1f / 6, 0.5f),
            _ => throw compiler.Refuse(op, $"its activation '{name}' is not supported"),
        };
    }

    private static Activation? Clip(Operator op, SliceCompiler compiler)
    {
        float low = op.GetFloat("min", float.MinValue);
        float high = op.GetFloat("max", float.MaxValue);
        for (int i = 1; i <= 2; i++)
        {
            if (op.HasInput(i))
            {
                if (compiler.TryConstant(op.Inputs[i]) is not { } bound)
                {
                    return null;
                }
                float value = bound.AsSpan<float>()[0];
                low = i == 1 ? value : low;
                high = i == 2 ? value : high;
            }
        }
        return new Activation(ActivationKind.Clip, low, high);
    }
}
