using System.Numerics;
using System.Runtime.InteropServices;

namespace Tandem.Prediction.Kernels;

/// <summary>
/// How alike two kernels deviate from the law of their family, by the distance of their features: a Matern covariance of smoothness
/// 3/2 with a length for each feature (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, chapters 4 and 5).
/// </summary>
/// <param name="InverseLengths">One over the distance, in each feature, over which deviations become different; <see cref="KernelFeatures.Width"/> numbers.</param>
/// <param name="Variance">The variance of the deviations, of logarithms.</param>
/// <param name="NoiseVariance">The variance that no feature explains.</param>
internal sealed record Covariance(float[] InverseLengths, float Variance, float NoiseVariance)
{
    /// <summary>Between two kernels, each given by <see cref="KernelFeatures.Width"/> numbers.</summary>
    public float Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b);
        ReadOnlySpan<Vector<float>> inverse = MemoryMarshal.Cast<float, Vector<float>>(InverseLengths);
        Vector<float> squares = Vector<float>.Zero;
        for (int i = 0; i < inverse.Length; i++)
        {
            Vector<float> difference = (left[i] - right[i]) * inverse[i];
            squares += difference * difference;
        }
        float distance = MathF.Sqrt(3 * Vector.Sum(squares));
        return Variance * (1 + distance) * MathF.Exp(-distance);
    }
}
