namespace Tandem.Learning.Differentiation;

/// <summary>How the gradient of a loss passes back through one operator, or a family that shares a rule.</summary>
internal interface IGradientRule
{
    /// <summary>The operator types of the ONNX standard that follow this rule.</summary>
    IReadOnlyList<string> Types { get; }

    /// <summary>
    /// Adds operators that make the gradients of the operator's inputs from those of its outputs (vector-Jacobian products).
    /// They must have rules themselves, so that gradients of gradients can be made.
    /// </summary>
    /// <exception cref="DifferentiationException">The operator is used in a way that has no rule.</exception>
    void Differentiate(GradientContext context);
}
