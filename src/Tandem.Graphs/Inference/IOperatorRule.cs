namespace Tandem.Graphs.Inference;

/// <summary>What the ONNX specification says about the outputs of one operator, or of a family that shares a rule.</summary>
internal interface IOperatorRule
{
    /// <summary>The domain of the operators; "" is the ONNX standard.</summary>
    string Domain => "";

    /// <summary>The operator types that follow this rule.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>Type and shape of each output, in order; outputs that the operator leaves out may be missing at the end.</summary>
    /// <exception cref="InvalidModelException">The inputs or attributes do not fit the operator.</exception>
    IReadOnlyList<TensorType> Infer(OperatorContext context);
}

/// <summary>Element type and shape of a tensor that has no name yet.</summary>
internal readonly record struct TensorType(ElementType Type, Shape Shape);
