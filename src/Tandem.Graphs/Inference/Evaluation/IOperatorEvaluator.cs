namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Computes the outputs of an operator, or of a family, whose inputs are all known.</summary>
internal interface IOperatorEvaluator
{
    /// <summary>The operator types, all of the ONNX standard.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>Whether the contents of the inputs are needed, and not only their shapes.</summary>
    bool ReadsContents => true;

    /// <summary>The outputs' contents; null where the element types are not among those that are evaluated.</summary>
    /// <param name="context">The operator; the contents of all given inputs are known.</param>
    /// <param name="outputs">Name, type and shape of the outputs.</param>
    /// <exception cref="InvalidModelException">The inputs' contents do not fit the operator.</exception>
    IReadOnlyList<Constant>? Evaluate(OperatorContext context, IReadOnlyList<Tensor> outputs);
}
