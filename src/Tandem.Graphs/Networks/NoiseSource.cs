using System.Runtime.InteropServices;

namespace Tandem.Graphs.Networks;

/// <summary>
/// A stream of pseudo-random numbers that is the same on every machine: SplitMix64 (Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014), about one nanosecond per number.
/// </summary>
public struct NoiseSource
{
    // Four 16-bit uniforms add up to mean 2 * 65535 and variance 4 * (65536^2 - 1) / 12.
    private const int SumMean = 131070;
    private const float SumDeviation = 37837.2266f;
    private const float UniformScale = 1f / (1 << 24);

    private ulong _state;

    /// <summary>Starts a stream.</summary>
    public NoiseSource(ulong seed) => _state = seed;

    /// <summary>
    /// Starts the stream that belongs to a name, so that streams do not depend on the order in which they are used.
    /// </summary>
    public NoiseSource(int seed, string name)
    {
        // FNV-1a, because string.GetHashCode differs from run to run.
        ulong hash = 14695981039346656037;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 1099511628211;
        }
        _state = hash ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>
    /// Fills with numbers that are nearly normal (the sum of four uniforms, never farther than 3.47 deviations from the
    /// mean).
    /// </summary>
    public void FillNormal(Span<float> numbers, float mean, float deviation)
    {
        float scale = deviation / SumDeviation;
        for (int i = 0; i < numbers.Length; i++)
        {
            ulong bits = Next();
            int sum = (int)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));
            numbers[i] = mean + ((sum - SumMean) * scale);
        }
    }

    /// <summary>Fills with numbers from [low, high).</summary>
    public void FillUniform(Span<float> numbers, float low, float high)
    {
        float scale = (high - low) * UniformScale;
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = low + ((Next() >> 40) * scale);
        }
    }

    /// <summary>A float32 constant of nearly normal numbers.</summary>
    public Constant Normal(string name, Shape shape, float mean = 0, float deviation = 1)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(checked((int)(shape.ElementCount * sizeof(float))));
        FillNormal(MemoryMarshal.Cast<byte, float>(data.AsSpan()), mean, deviation);
        return new Constant(new Tensor(name, ElementType.Float32, shape), data);
    }

    /// <summary>A float32 constant of numbers from [low, high).</summary>
    public Constant Uniform(string name, Shape shape, float low, float high)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(checked((int)(shape.ElementCount * sizeof(float))));
        FillUniform(MemoryMarshal.Cast<byte, float>(data.AsSpan()), low, high);
        return new Constant(new Tensor(name, ElementType.Float32, shape), data);
    }
}
