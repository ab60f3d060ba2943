namespace Tandem.Graphs.Networks;

/// <summary>Tells from the operator that reads a weight what random numbers suit it.</summary>
internal sealed class WeightRoles
{
    // Operators that hand a constant on to its real reader without changing its numbers.
    private static readonly HashSet<string> Carriers =
        ["Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose", "Identity", "Cast", "Expand"];

    private static readonly HashSet<string> Rectifiers =
    [
        "Relu", "LeakyRelu", "PRelu", "Clip", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Softplus", "ThresholdedRelu",
    ];

    // Operators whose output is about as large, and as rectified, as their first input.
    private static readonly HashSet<string> Neutral =
    [
        "MaxPool", "AveragePool", "GlobalAveragePool", "Dropout", "Identity", "LRN", "Concat", "Flatten", "Reshape",
        "Transpose", "Pad", "Resize", "Upsample", "Squeeze", "Unsqueeze", "Split", "Slice", "Crop",
    ];

    private static readonly Dictionary<string, Func<Use, WeightDistribution?>> ByReader = new()
    {
        ["Conv"] = u => u.Index == 1 ? u.Filter(u.Shape.Product(1, u.Shape.Rank)) : WeightDistribution.AroundZero,
        ["ConvTranspose"] = u => u.Index == 1 ? u.Filter(TransposedFanIn(u)) : WeightDistribution.AroundZero,
        ["Gemm"] = u => u.Index == 1
            ? u.Filter(u.Shape[u.Reader.GetInt("transB", 0) != 0 ? 1 : 0])
            : WeightDistribution.AroundZero,
        ["MatMul"] = u => u.Filter(u.Shape[u.Index == 1 ? Math.Max(0, u.Shape.Rank - 2) : u.Shape.Rank - 1]),
        ["BatchNormalization"] = u => u.Index switch
        {
            1 => WeightDistribution.AroundOne,
            4 => WeightDistribution.Positive,
            _ => WeightDistribution.AroundZero,
        },
        ["InstanceNormalization"] = u => u.Index == 1 ? WeightDistribution.AroundOne : WeightDistribution.AroundZero,
        ["PRelu"] = _ => WeightDistribution.Slope,
        ["Sqrt"] = _ => WeightDistribution.Positive,
        ["Mul"] = AroundOneUnlessScalar,
        ["Div"] = AroundOneUnlessScalar,
        ["Add"] = AroundZeroUnlessScalar,
        ["Sub"] = AroundZeroUnlessScalar,
        ["Sum"] = AroundZeroUnlessScalar,
    };

    private readonly Dictionary<string, Operator> _producers = [];
    private readonly Dictionary<string, (Operator Reader, int Index)> _readers = [];

    /// <summary>Looks at the operators of a network, in any order.</summary>
    public WeightRoles(IReadOnlyList<Operator> operators)
    {
        foreach (Operator op in operators)
        {
            foreach (string output in op.Outputs.Where(o => o.Length > 0))
            {
                _producers[output] = op;
            }
            for (int i = 0; i < op.Inputs.Count; i++)
            {
                _readers.TryAdd(op.Inputs[i], (op, i));
            }
        }
    }

    /// <summary>
    /// The distribution that suits a weight; null where its numbers mean something else (a limit, a size) and must
    /// stay.
    /// </summary>
    public WeightDistribution? DistributionOf(Tensor weight)
    {
        string name = weight.Name;
        while (_readers.TryGetValue(name, out var use))
        {
            if (ByReader.TryGetValue(use.Reader.Type, out Func<Use, WeightDistribution?>? rule))
            {
                int data = use is { Reader.Type: "MatMul", Index: 0 } ? 1 : 0;
                return rule(new Use(
                    use.Reader, use.Index, weight.Shape, IsRectified(use.Reader.Inputs[data]), EndsInSum(use.Reader)));
            }
            if (!Carriers.Contains(use.Reader.Type) || use.Index != 0)
            {
                return null;
            }
            name = use.Reader.Outputs[0];
        }
        return null;
    }

    private bool IsRectified(string tensor)
    {
        while (_producers.TryGetValue(tensor, out Operator? op))
        {
            if (!Neutral.Contains(op.Type))
            {
                return Rectifiers.Contains(op.Type);
            }
            tensor = op.Inputs[0];
        }
        return false;
    }

    // Whether a result is added to another one: a residual branch, of which every block adds one more to the
    // activations.
    private bool EndsInSum(Operator op)
    {
        while (_readers.TryGetValue(op.Outputs[0], out var use))
        {
            if (use.Reader.Type is "Add" or "Sum")
            {
                return use.Reader.Inputs.All(_producers.ContainsKey);
            }
            if (use.Reader.Type is not ("BatchNormalization" or "Identity" or "Mul") || use.Index != 0)
            {
                return false;
            }
            op = use.Reader;
        }
        return false;
    }

    private static double TransposedFanIn(Use use)
    {
        double strides = use.Reader.GetInts("strides")?.Aggregate(1L, (a, b) => a * b) ?? 1;
        return use.Shape[0] * use.Shape.Product(2, use.Shape.Rank) / strides / use.Reader.GetInt("group", 1);
    }

    // Single numbers belong to formulas (x * sigmoid(x), x / 6) rather than to weights.
    private static WeightDistribution? AroundOneUnlessScalar(Use use) =>
        use.Shape.ElementCount == 1 ? null : WeightDistribution.AroundOne;

    private static WeightDistribution? AroundZeroUnlessScalar(Use use) =>
        use.Shape.ElementCount == 1 ? null : WeightDistribution.AroundZero;

    private readonly record struct Use(Operator Reader, int Index, Shape Shape, bool IsRectified, bool EndsInSum)
    {
        // A third of the usual scale keeps sums of some dozens of residual branches within a few times their first one.
        private const float ResidualScale = 1f / 3;

        public WeightDistribution Filter(double fanIn)
        {
            WeightDistribution filter = WeightDistribution.Filter(fanIn, IsRectified);
            return EndsInSum ? filter with { Spread = filter.Spread * ResidualScale } : filter;
        }
    }
}
