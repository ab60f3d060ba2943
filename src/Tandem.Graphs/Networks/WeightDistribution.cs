namespace Tandem.Graphs.Networks;

/// <summary>What random numbers a weight is filled with.</summary>
/// <param name="Centre">Their mean.</param>
/// <param name="Spread">Their standard deviation where normal; half the range where uniform.</param>
/// <param name="IsUniform">Uniform in [Centre - Spread, Centre + Spread) instead of normal.</param>
internal readonly record struct WeightDistribution(float Centre, float Spread, bool IsUniform = false)
{
    /// <summary>Scales of normalisations and of bare multiplications.</summary>
    public static WeightDistribution AroundOne { get; } = new(1, 0.1f);

    /// <summary>Biases, means and bare additions.</summary>
    public static WeightDistribution AroundZero { get; } = new(0, 0.1f);

    /// <summary>Variances.</summary>
    public static WeightDistribution Positive { get; } = new(1, 0.4f, IsUniform: true);

    /// <summary>Slopes of PRelu.</summary>
    public static WeightDistribution Slope { get; } = new(0.25f, 0.1f, IsUniform: true);

    /// <summary>
    /// Filters, such that activations keep their scale (He et al., "Delving deep into rectifiers", 2015): variance
    /// 2 / fanIn behind a rectifier, 1 / fanIn behind anything else.
    /// </summary>
    public static WeightDistribution Filter(double fanIn, bool isRectified) =>
        new(0, (float)Math.Sqrt((isRectified ? 2 : 1) / Math.Max(1, fanIn)));

    /// <summary>A constant of such numbers, the same for the same seed and name everywhere.</summary>
    public Constant Draw(Tensor weight, int seed)
    {
        var noise = new NoiseSource(seed, weight.Name);
        Constant drawn = IsUniform
            ? noise.Uniform(weight.Name, weight.Shape, Centre - Spread, Centre + Spread)
            : noise.Normal(weight.Name, weight.Shape, Centre, Spread);
        if (weight.Type == ElementType.Float32)
        {
            return drawn;
        }
        Half[] halves = Array.ConvertAll(drawn.AsSpan<float>().ToArray(), f => (Half)f);
        return Constant.Of<Half>(weight.Name, ElementType.Float16, weight.Shape, halves);
    }
}
