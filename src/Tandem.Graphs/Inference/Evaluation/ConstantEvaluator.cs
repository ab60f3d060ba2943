namespace Tandem.Graphs.Inference.Evaluation;

/// <summary>Evaluates operators on known inputs: what shapes are computed from, and how weights are laid out.</summary>
/// <remarks>Arithmetic is for integers and float32; what moves elements works for all types.</remarks>
internal static class ConstantEvaluator
{
    private static readonly Dictionary<string, IOperatorEvaluator> Evaluators = new IOperatorEvaluator[]
    {
        new ShapeEvaluator(), new FillingEvaluator(), new ViewEvaluator(),
        new ConcatEvaluator(), new GatherEvaluator(), new StridedEvaluator(), new SplitEvaluator(),
        new ArithmeticEvaluator(), new ComparisonEvaluator(), new WhereEvaluator(), new UnaryEvaluator(), new CastEvaluator(),
        new ReductionEvaluator(),
    }.SelectMany(e => e.Types.Select(type => (type, e))).ToDictionary(entry => entry.type, entry => entry.e);

    /// <summary>The outputs of an operator; null where an input is not known or the operator is not evaluated.</summary>
    /// <exception cref="InvalidModelException">The inputs' contents do not fit the operator, or the result is too large.</exception>
    public static IReadOnlyList<Constant>? TryEvaluate(OperatorContext context, IReadOnlyList<Tensor> outputs)
    {
        Operator op = context.Operator;
        if (op.Domain.Length > 0 || !Evaluators.TryGetValue(op.Type, out IOperatorEvaluator? evaluator)
            || (evaluator.ReadsContents && !IsKnown(context)))
        {
            return null;
        }
        if (outputs.FirstOrDefault(o => o.SizeInBytes > Array.MaxLength) is Tensor large)
        {
            throw context.Error($"its output {large} takes {large.SizeInBytes >> 20} MiB; at most 2 GiB are supported");
        }
        try
        {
            return evaluator.Evaluate(context, outputs);
        }
        catch (ArithmeticException e)
        {
            throw new InvalidModelException(op, $"it cannot be computed: {e.Message}", e);
        }
    }

    private static bool IsKnown(OperatorContext context) =>
        !context.Operator.Inputs.Where((_, i) => context.HasInput(i) && context.Value(i) is null).Any();
}
